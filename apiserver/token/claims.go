package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/golang-jwt/jwt/v5"
	kjson "sigs.k8s.io/json"

	"github.com/kubemint/kubemint/apiserver/request"
)

// LegacyIssuer is the issuer of tokens in Secrets (JWT-10).
const LegacyIssuer = "kubernetes/serviceaccount"

// Claims is what a token says, bound or legacy. Fields stand in the order they are written in.
type Claims struct {
	Audience  Audience `json:"aud,omitempty"`
	Expiry    *Seconds `json:"exp,omitempty"`
	IssuedAt  *Seconds `json:"iat,omitempty"`
	Issuer    string   `json:"iss,omitempty"`
	ID        string   `json:"jti,omitempty"`
	Private   *Private `json:"kubernetes.io,omitempty"`
	Namespace string   `json:"kubernetes.io/serviceaccount/namespace,omitempty"`
	Secret    string   `json:"kubernetes.io/serviceaccount/secret.name,omitempty"`
	Account   string   `json:"kubernetes.io/serviceaccount/service-account.name,omitempty"`
	UID       string   `json:"kubernetes.io/serviceaccount/service-account.uid,omitempty"`
	NotBefore *Seconds `json:"nbf,omitempty"`
	Subject   string   `json:"sub,omitempty"`
}

// Private is the claim "kubernetes.io" of bound tokens (JWT-5).
type Private struct {
	Namespace      string   `json:"namespace,omitempty"`
	Node           *Ref     `json:"node,omitempty"`
	Pod            *Ref     `json:"pod,omitempty"`
	Secret         *Ref     `json:"secret,omitempty"`
	ServiceAccount Ref      `json:"serviceaccount"`
	WarnAfter      *Seconds `json:"warnafter,omitempty"`
}

// Ref names one object of one uid.
type Ref struct {
	Name string `json:"name,omitempty"`
	UID  string `json:"uid,omitempty"`
}

// Legacy tells whether these are the claims of a token in a Secret.
func (c *Claims) Legacy() bool { return c.Issuer == LegacyIssuer }

// private never returns nil.
func (c *Claims) private() *Private {
	if c.Private == nil {
		return &Private{}
	}
	return c.Private
}

// Who is the user that the claims name, without any proof that they may.
func (c *Claims) Who() (namespace, name, uid string) {
	if c.Legacy() {
		return c.Namespace, c.Account, c.UID
	}
	p := c.private()
	return p.Namespace, p.ServiceAccount.Name, p.ServiceAccount.UID
}

// Keys of User.Extra (AUTH-23).
const (
	ExtraCredentialID = "authentication.kubernetes.io/credential-id"
	ExtraPodName      = "authentication.kubernetes.io/pod-name"
	ExtraPodUID       = "authentication.kubernetes.io/pod-uid"
	ExtraNodeName     = "authentication.kubernetes.io/node-name"
	ExtraNodeUID      = "authentication.kubernetes.io/node-uid"
)

// AccountUser is the identity of an account (AUTH-22).
func AccountUser(namespace, name, uid string) *request.User {
	return &request.User{
		Name:   request.AccountPrefix + namespace + ":" + name,
		UID:    uid,
		Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, request.Authenticated},
	}
}

// user is the identity that verified claims give.
func (c *Claims) user() *request.User {
	u := AccountUser(c.Who())
	if c.Legacy() {
		return u // no extra at all (AUTH-23)
	}
	p := c.private()
	add := func(key, value string) {
		if value == "" {
			return
		}
		if u.Extra == nil {
			u.Extra = make(map[string][]string, 5)
		}
		u.Extra[key] = []string{value}
	}
	if c.ID != "" {
		add(ExtraCredentialID, "JTI="+c.ID)
	}
	if p.Pod != nil {
		add(ExtraPodName, p.Pod.Name)
		add(ExtraPodUID, p.Pod.UID)
	}
	if p.Node != nil {
		add(ExtraNodeName, p.Node.Name)
		add(ExtraNodeUID, p.Node.UID)
	}
	return u
}

// Audience is written as an array and read from an array or a string.
type Audience []string

// UnmarshalJSON reads either form.
func (a *Audience) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		var one string
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		*a = Audience{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(data, &many); err != nil {
		return err
	}
	*a = many
	return nil
}

// Seconds is a moment in whole seconds since 1970.
type Seconds int64

// Time is the moment in UTC.
func (s Seconds) Time() time.Time { return time.Unix(int64(s), 0).UTC() }

// UnmarshalJSON reads any number and truncates fractions (AUTH-13).
func (s *Seconds) UnmarshalJSON(data []byte) error {
	var n json.Number
	if len(data) == 0 || data[0] == '"' {
		return errors.New("a moment is no number")
	}
	if err := json.Unmarshal(data, &n); err != nil {
		return err
	}
	if i, err := n.Int64(); err == nil {
		*s = Seconds(i)
		return nil
	}
	f, err := n.Float64()
	if err != nil || math.Abs(f) > 1<<53 {
		return fmt.Errorf("moment %s is out of range", n)
	}
	*s = Seconds(f)
	return nil
}

func seconds(t time.Time) *Seconds {
	s := Seconds(t.Unix())
	return &s
}

// errDoubled is wrapped by the error for an object that says a thing twice.
var errDoubled = errors.New("a field is given twice")

// decodeStrict reads JSON by exact field names and refuses doubled ones: two readers must not find two different truths in a token.
// Fields it does not know are fine (JWT-21).
func decodeStrict(data []byte, into any) error {
	doubled, err := kjson.UnmarshalStrict(data, into, kjson.DisallowDuplicateFields)
	if err != nil {
		return err
	}
	if len(doubled) > 0 {
		return fmt.Errorf("%w: %w", errDoubled, doubled[0])
	}
	return nil
}

// parsed makes Claims readable by golang-jwt. Its claims' checks are switched off (Verifier makes them, one by one), hence the empty
// answers.
type parsed struct{ Claims }

func (p *parsed) UnmarshalJSON(data []byte) error { return decodeStrict(data, &p.Claims) }

func (*parsed) GetExpirationTime() (*jwt.NumericDate, error) { return nil, nil }
func (*parsed) GetIssuedAt() (*jwt.NumericDate, error)       { return nil, nil }
func (*parsed) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (*parsed) GetIssuer() (string, error)                   { return "", nil }
func (*parsed) GetSubject() (string, error)                  { return "", nil }
func (*parsed) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }
