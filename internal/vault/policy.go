package vault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"text/scanner"
)

// rule is one path stanza of a policy.
type rule struct {
	path         string
	capabilities []string
}

var capabilities = []string{"create", "read", "update", "delete", "list", "patch", "sudo", "deny"}

// uncommented is a policy without what follows # or // on a line, outside of quotes. The lines stay.
func uncommented(text string) string {
	lines := strings.Split(text, "\n")
	for n, line := range lines {
		quoted := false
		for i := 0; i < len(line); i++ {
			switch c := line[i]; {
			case quoted && c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case !quoted && (c == '#' || strings.HasPrefix(line[i:], "//")):
				line = line[:i]
			}
		}
		lines[n] = line
	}
	return strings.Join(lines, "\n")
}

// parsePolicy reads path stanzas: path "secret/data/ci" { capabilities = ["read"] }.
func parsePolicy(text string) ([]rule, error) {
	var s scanner.Scanner
	s.Init(strings.NewReader(uncommented(text)))
	s.Error = func(*scanner.Scanner, string) {} // it comes out as a token that does not fit
	next := func() string { s.Scan(); return s.TokenText() }
	want := func(words ...string) error {
		for _, w := range words {
			if got := next(); got != w {
				return fmt.Errorf("line %d: expected %q", s.Line, w)
			}
		}
		return nil
	}
	quoted := func() (string, error) {
		t := next()
		if len(t) < 2 || t[0] != '"' || t[len(t)-1] != '"' {
			return "", fmt.Errorf("line %d: expected a string in quotes", s.Line)
		}
		return t[1 : len(t)-1], nil
	}
	var rules []rule
	for t := next(); t != ""; t = next() {
		if t != "path" {
			return nil, fmt.Errorf("line %d: expected \"path\"", s.Line)
		}
		path, err := quoted()
		if err != nil {
			return nil, err
		}
		if err := want("{", "capabilities", "=", "["); err != nil {
			return nil, err
		}
		r := rule{path: strings.TrimPrefix(path, "/")}
		for s.Peek() != scanner.EOF {
			for s.Peek() == ' ' || s.Peek() == '\n' || s.Peek() == '\t' || s.Peek() == '\r' || s.Peek() == ',' {
				s.Next()
			}
			if s.Peek() == ']' {
				break
			}
			c, err := quoted()
			if err != nil {
				return nil, err
			}
			if !slices.Contains(capabilities, c) {
				return nil, fmt.Errorf("path %q: invalid capability %q", path, c)
			}
			r.capabilities = append(r.capabilities, c)
		}
		if err := want("]", "}"); err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	if len(rules) == 0 {
		return nil, errors.New("the policy has no path")
	}
	return rules, nil
}

// matches says whether a rule is about a path: + is one segment, * at the end anything.
func (r rule) matches(path string) bool {
	pattern, open := strings.CutSuffix(r.path, "*")
	have, want := strings.Split(path, "/"), strings.Split(pattern, "/")
	if len(have) < len(want) || !open && len(have) != len(want) {
		return false
	}
	for i, w := range want {
		last := i == len(want)-1
		if w != "+" && w != have[i] && !(open && last && strings.HasPrefix(have[i], w)) {
			return false
		}
	}
	return true
}

// weight orders rules that match the same path: one without wildcards counts more, then the longer one.
func (r rule) weight() (int, int) {
	wild := strings.IndexAny(r.path, "+*")
	if wild < 0 {
		return 1 << 20, len(r.path)
	}
	return wild, len(r.path)
}

// may says whether policies allow something: the rules for the path that fit best decide, deny before all others.
func (h *holder) may(s *state, path, capability string) bool {
	if h.root {
		return true
	}
	var found []rule
	for _, name := range h.Policies {
		rules, _ := parsePolicy(s.Policies[name]) // it was checked when it was written; one that is gone allows nothing
		for _, r := range rules {
			if r.matches(path) {
				found = append(found, r)
			}
		}
	}
	heavier := func(a, b rule) int {
		aw, al := a.weight()
		bw, bl := b.weight()
		return cmp.Or(cmp.Compare(aw, bw), cmp.Compare(al, bl))
	}
	if len(found) == 0 {
		return false
	}
	best := slices.MaxFunc(found, heavier)
	allowed := false
	for _, r := range found {
		if heavier(r, best) != 0 {
			continue
		}
		if slices.Contains(r.capabilities, "deny") {
			return false
		}
		allowed = allowed || slices.Contains(r.capabilities, capability)
	}
	return allowed
}

// capability is what a request needs.
func (s *state) capability(r Request) string {
	switch r.Method {
	case http.MethodGet:
		return "read"
	case http.MethodDelete:
		return "delete"
	case "LIST":
		return "list"
	}
	if name, ok := strings.CutPrefix(r.Path, "secret/data/"); ok && len(s.Secrets[name].Versions) > 0 {
		return "update"
	}
	if name, ok := strings.CutPrefix(r.Path, "auth/kubernetes/role/"); ok {
		if _, there := s.Roles[name]; there {
			return "update"
		}
		return "create"
	}
	if strings.HasPrefix(r.Path, "sys/") {
		return "update"
	}
	return "create"
}

// policy is sys/policies/acl/NAME.
func (v *Vault) policy(_ context.Context, r Request, name string) Answer {
	s := v.now.Load()
	switch {
	case r.Method == "LIST" && name == "":
		names := []string{"root"}
		for n := range s.Policies {
			names = append(names, n)
		}
		return keys(names)
	case r.Method == http.MethodGet:
		text, ok := s.Policies[name]
		if !ok {
			return refuse(http.StatusNotFound)
		}
		return Answer{Code: http.StatusOK, Data: map[string]any{"name": name, "policy": text}}
	case name == "root":
		return refuse(http.StatusBadRequest, "cannot update \"root\" policy")
	case r.Method == http.MethodPut:
		text, _ := r.Data["policy"].(string)
		if _, err := parsePolicy(text); err != nil {
			return refuse(http.StatusBadRequest, "failed to parse policy: "+err.Error())
		}
		return v.change(func(s *state) *Answer { s.Policies[name] = text; return &Answer{Code: http.StatusNoContent} })
	case r.Method == http.MethodDelete:
		return v.change(func(s *state) *Answer { delete(s.Policies, name); return &Answer{Code: http.StatusNoContent} })
	}
	return refuse(http.StatusMethodNotAllowed, "unsupported operation")
}
