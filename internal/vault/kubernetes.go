package vault

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// defaultLife is how long a token of the vault's is good if its role does not say.
const defaultLife = 768 * time.Hour

// role says which ServiceAccounts may log in, and what they may do then.
type role struct {
	Names      []string `json:"names"`
	Namespaces []string `json:"namespaces"`
	Policies   []string `json:"policies"`
	Audience   string   `json:"audience,omitempty"`
	Seconds    int64    `json:"seconds,omitempty"`
}

// role is auth/kubernetes/role/NAME.
func (v *Vault) role(ctx context.Context, r Request, name string) Answer {
	s := v.now.Load()
	switch {
	case r.Method == "LIST" && name == "":
		var names []string
		for n := range s.Roles {
			names = append(names, n)
		}
		return keys(names)
	case r.Method == http.MethodGet:
		found, ok := s.Roles[name]
		if !ok {
			return refuse(http.StatusNotFound)
		}
		return Answer{Code: http.StatusOK, Data: map[string]any{
			"audience": found.Audience, "bound_service_account_names": found.Names, "bound_service_account_namespaces": found.Namespaces,
			"token_policies": found.Policies, "token_ttl": found.Seconds,
		}}
	case r.Method == http.MethodPut:
		if _, err := roleOf(s.Roles[name], r.Data); err != nil {
			return refuse(http.StatusBadRequest, err.Error())
		}
		if v.cfg.Prepare != nil {
			if err := v.cfg.Prepare(ctx); err != nil {
				return refuse(http.StatusInternalServerError, err.Error())
			}
		}
		return v.change(func(s *state) *Answer {
			made, err := roleOf(s.Roles[name], r.Data) // as it is by now
			if err != nil {
				a := refuse(http.StatusBadRequest, err.Error())
				return &a
			}
			s.Roles[name] = made
			return &Answer{Code: http.StatusNoContent}
		})
	case r.Method == http.MethodDelete:
		return v.change(func(s *state) *Answer { delete(s.Roles, name); return &Answer{Code: http.StatusNoContent} })
	}
	return refuse(http.StatusMethodNotAllowed, "unsupported operation")
}

// roleOf changes a role by what was written to it.
func roleOf(made role, data map[string]any) (role, error) {
	for key, value := range data {
		text, ok := value.(string)
		if !ok {
			return role{}, fmt.Errorf("the value of %q is no text", key)
		}
		switch key {
		case "bound_service_account_names":
			made.Names = list(text)
		case "bound_service_account_namespaces":
			made.Namespaces = list(text)
		case "policies", "token_policies":
			made.Policies = list(text)
		case "audience":
			made.Audience = text
		case "ttl", "token_ttl":
			d, err := time.ParseDuration(text)
			if n, nerr := strconv.Atoi(text); nerr == nil {
				d, err = time.Duration(n)*time.Second, nil
			}
			if err != nil || d < 0 || d > defaultLife {
				return role{}, fmt.Errorf("error converting input for field %q: a duration of at most %v", key, defaultLife)
			}
			made.Seconds = int64(d / time.Second)
		default:
			return role{}, fmt.Errorf("this vault knows no field %q of a role", key)
		}
	}
	switch {
	case len(made.Names) == 0:
		return role{}, fmt.Errorf("%q can not be empty", "bound_service_account_names")
	case len(made.Namespaces) == 0:
		return role{}, fmt.Errorf("%q can not be empty", "bound_service_account_namespaces")
	case slices.Contains(made.Policies, "root"):
		return role{}, fmt.Errorf("a role cannot grant the root policy")
	}
	return made, nil
}

func list(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// login gives a ServiceAccount whose token the cluster vouches for a token of the vault's.
func (v *Vault) login(ctx context.Context, r Request) Answer {
	name, _ := r.Data["role"].(string)
	jwt, _ := r.Data["jwt"].(string)
	jwt = strings.TrimSpace(jwt)
	found, ok := v.now.Load().Roles[name]
	switch {
	case name == "":
		return refuse(http.StatusBadRequest, "missing role")
	case jwt == "":
		return refuse(http.StatusBadRequest, "missing jwt")
	case !ok:
		return refuse(http.StatusBadRequest, fmt.Sprintf("invalid role name %q", name))
	}
	var audiences []string
	if found.Audience != "" {
		audiences = []string{found.Audience}
	}
	who, err := v.cfg.Review(ctx, jwt, audiences)
	if err != nil {
		return refuse(http.StatusInternalServerError, "token review: "+err.Error())
	}
	account, ok := strings.CutPrefix(who.User, "system:serviceaccount:")
	namespace, sa, split := strings.Cut(account, ":")
	switch {
	case !who.Authenticated || !ok || !split:
		return denied()
	case !slices.Contains(found.Namespaces, namespace) && !slices.Contains(found.Namespaces, "*"):
		return refuse(http.StatusForbidden, "namespace not authorized")
	case !slices.Contains(found.Names, sa) && !slices.Contains(found.Names, "*"):
		return refuse(http.StatusForbidden, "service account name not authorized")
	}
	return v.issue(name, found, namespace, sa, who.UID)
}

func (v *Vault) issue(name string, by role, namespace, sa, uid string) Answer {
	now, token := v.cfg.Now(), TokenPrefix+random(24)
	life := defaultLife
	if by.Seconds > 0 {
		life = time.Duration(by.Seconds) * time.Second
	}
	t := ticket{
		Accessor: random(12), Display: "kubernetes-" + namespace + "-" + sa, Path: "auth/kubernetes/login", Issued: now, Ends: now.Add(life),
		Policies: append([]string{"default"}, by.Policies...),
		Metadata: map[string]string{"role": name, "service_account_name": sa, "service_account_namespace": namespace, "service_account_uid": uid},
	}
	slices.Sort(t.Policies)
	t.Policies = slices.Compact(t.Policies)
	return v.change(func(s *state) *Answer {
		s.sweep(now)
		s.Tokens[digest(token)] = t
		return &Answer{Code: http.StatusOK, Auth: &Auth{Token: token, Accessor: t.Accessor, Policies: t.Policies, Metadata: t.Metadata, Seconds: int64(life / time.Second)}}
	})
}
