package panel

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/token"
)

// keysView are the keys as /kubemint/v1/keys shows them: never the keys themselves.
type keysView struct {
	Now  time.Time `json:"now"`
	Keys []keyView `json:"keys"`
	// Rotatable: the signing key is the cluster's own, not a flag's.
	Rotatable bool `json:"rotatable"`
}

type keyView struct {
	Kid string `json:"kid"`
	Alg string `json:"alg"`
	// Signing: it signs new tokens. Tokens of every key listed here are good, and JWKS announces it.
	Signing bool `json:"signing"`
	// Fixed: a flag gives it.
	Fixed bool `json:"fixed"`
	// SignedUntil is the latest end of the tokens it is known to have signed; nil: it signed none. Endless: some of them have no end.
	SignedUntil *time.Time `json:"signedUntil,omitempty"`
	Endless     bool       `json:"endless,omitempty"`
	// Until bounds what it is good for: tokens issued later are refused.
	Until *time.Time `json:"until,omitempty"`
}

// keysMove is what a POST asks for.
type keysMove struct {
	// Do is rotate or retire.
	Do string `json:"do"`
	// Alg is that of the new key: ES256 or RS256; empty: that of the present one.
	Alg string `json:"alg"`
	// RetireOld retires the key that signed before with the rotation: no overlap, as after a leak.
	RetireOld bool `json:"retireOld"`
	// Kid is the key to retire, or enough of its beginning to tell it from the others.
	Kid string `json:"kid"`
}

// keysDone says what a POST did.
type keysDone struct {
	keysView
	// New signs since, Old signed before, Retired are gone.
	New     string   `json:"new,omitempty"`
	Old     string   `json:"old,omitempty"`
	Retired []string `json:"retired"`
}

func (p *panel) keys(w http.ResponseWriter, r *http.Request) (any, error) {
	switch r.Method {
	case http.MethodGet:
		return p.viewKeys(), nil
	case http.MethodPost:
		var m keysMove
		if err := readJSON(w, r, &m); err != nil {
			return nil, err
		}
		return p.moveKeys(m)
	}
	return nil, method(r, http.MethodGet, http.MethodPost)
}

func (p *panel) viewKeys() keysView {
	v := keysView{Now: p.Clock.Now(), Keys: []keyView{}, Rotatable: p.Ring != nil}
	for _, k := range p.Keys.Verifying() {
		view := p.viewKey(k)
		view.Signing = k == p.Keys.Signing()
		v.Keys = append(v.Keys, view)
	}
	return v
}

func (p *panel) viewKey(k *token.Key) keyView {
	v := keyView{Kid: k.ID(), Alg: k.Alg(), Fixed: p.Ring == nil || p.Ring.Fixed(k.ID())}
	switch end := k.SignedUntil(); {
	case end.Equal(token.Never):
		v.Endless = true
	case !end.IsZero():
		v.SignedUntil = &end
	}
	if until := k.Until(); !until.IsZero() {
		v.Until = &until
	}
	return v
}

func (p *panel) moveKeys(m keysMove) (any, error) {
	done := &keysDone{Retired: []string{}}
	var err error
	switch m.Do {
	case "rotate":
		err = p.rotate(m, done)
	case "retire":
		err = p.retire(m.Kid, done)
	default:
		return nil, apierrors.NewBadRequest(fmt.Sprintf("%q is nothing that can be done with keys: rotate or retire", m.Do))
	}
	if err != nil {
		return nil, err
	}
	done.keysView = p.viewKeys()
	return done, nil
}

func keyConflict(why string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusConflict, Reason: metav1.StatusReasonConflict, Message: why,
	}}
}

// rotate makes a new key sign.
func (p *panel) rotate(m keysMove, done *keysDone) error {
	if p.Ring == nil {
		return keyConflict("the signing key is given by --service-account-signing-key-file: change that file and start the server again")
	}
	old := p.Keys.Signing()
	alg := cmp.Or(m.Alg, old.Alg())
	if alg != "ES256" && alg != "RS256" {
		if m.Alg != "" {
			return apierrors.NewBadRequest(fmt.Sprintf("%q is no algorithm for a new key: ES256 or RS256", m.Alg))
		}
		alg = "" // the old one was brought along by somebody
	}
	next, err := p.Ring.Rotate(alg)
	if err != nil {
		return apierrors.NewInternalError(err)
	}
	done.New, done.Old = next.ID(), old.ID()
	if !m.RetireOld {
		return nil
	}
	return p.retire(old.ID(), done)
}

// retire takes a key away.
func (p *panel) retire(kid string, done *keysDone) error {
	if p.Ring == nil {
		return keyConflict("the keys are given by flags: take the key out of its --service-account-key-file and start the server again")
	}
	if kid == "" {
		return apierrors.NewBadRequest("which key is to be retired is not said")
	}
	var found []string
	for _, k := range p.Keys.Verifying() {
		if strings.HasPrefix(k.ID(), kid) {
			found = append(found, k.ID())
		}
	}
	if len(found) > 1 && !slices.Contains(found, kid) {
		return apierrors.NewBadRequest(fmt.Sprintf("%d keys begin with %q", len(found), kid))
	}
	if len(found) == 0 {
		return apierrors.NewNotFound(schema.GroupResource{Group: "kubemint", Resource: "keys"}, kid)
	}
	err := p.Ring.Retire(found[0])
	switch {
	case errors.Is(err, token.ErrSigning):
		return keyConflict("this key signs: rotate first")
	case errors.Is(err, token.ErrFixed):
		return keyConflict("this key is given by --service-account-key-file: take it out there and start the server again")
	case err != nil:
		return apierrors.NewInternalError(err)
	}
	done.Retired = append(done.Retired, found[0])
	return nil
}
