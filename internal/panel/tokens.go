package panel

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/story"
	"github.com/kubemint/kubemint/apiserver/token"
)

// tokenQuestion is a token to explain, in any shape that people paste, or the pod ("NAMESPACE/NAME") whose token it is to be, and the
// audiences to judge it for (none: the API's own).
type tokenQuestion struct {
	Token     string   `json:"token"`
	Pod       string   `json:"pod"`
	Audiences []string `json:"audiences"`
}

// formNone is the form of a pod's token that does not exist.
const formNone token.Form = "none"

// tokenView is a token explained: what its checks say, and what only the cluster around it knows.
type tokenView struct {
	*token.Report
	// AskedBy is who asked for it; nil where the story of that request is not kept (any more).
	AskedBy *askedBy `json:"askedBy,omitempty"`
	// File is where a pod's token lies.
	File *tokenFile `json:"file,omitempty"`
	// NoToken says why a pod has none.
	NoToken *noToken `json:"noToken,omitempty"`
}

// askedBy is the request that a token came of.
type askedBy struct {
	User string    `json:"user"`
	Real string    `json:"impersonatedBy,omitempty"`
	At   time.Time `json:"at"`
	// Number is that of the request's story.
	Number int64 `json:"number"`
}

// tokens explains a token. The answer holds codes and facts and never the token.
func (p *panel) tokens(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodPost); err != nil {
		return nil, err
	}
	var q tokenQuestion
	if err := readJSON(w, r, &q); err != nil {
		return nil, err
	}
	inspect := func(raw []byte) *tokenView {
		v := &tokenView{Report: p.Server.Authn.Inspect(r.Context(), raw, q.Audiences)}
		v.AskedBy = p.askedBy(v.ID)
		return v
	}
	if q.Pod == "" {
		v := inspect([]byte(q.Token))
		p.compare(v, token.Clean([]byte(q.Token)))
		return v, nil
	}
	if q.Token != "" {
		return nil, apierrors.NewBadRequest("a question names a token or a pod, not both")
	}
	namespace, name, ok := strings.Cut(q.Pod, "/")
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("pod %q is not of the form NAMESPACE/NAME", q.Pod))
	}
	file, none, raw, err := p.podToken(namespace, name, q.Audiences)
	if err != nil {
		return nil, err
	}
	if none != nil {
		return &tokenView{Report: &token.Report{Form: formNone, Now: p.Clock.Now()}, NoToken: none}, nil
	}
	v := inspect(raw)
	v.File = file
	v.renewed(file)
	return v, nil
}

// askedBy finds who asked for the token of this id.
func (p *panel) askedBy(id string) *askedBy {
	if id == "" {
		return nil
	}
	found := p.Server.Stories().Newest(1, true, func(s *story.Record) bool { return s.Issued == id })
	if len(found) == 0 {
		return nil
	}
	s := found[0]
	return &askedBy{User: s.User, Real: s.Real, At: s.At, Number: s.Number}
}

// compare says of a token bound to a pod whether it is the one in the pod's file: only that one is renewed.
func (p *panel) compare(v *tokenView, raw string) {
	if v.Form != token.FormBound || v.Bound == nil || v.Bound.Kind != "pod" {
		return
	}
	v.Refresh = nil
	if v.Bound.State != token.Alive {
		return
	}
	file, same := p.heldBy(v.Bound.Namespace, v.Bound.Name, raw)
	if v.File = file; same {
		v.renewed(file)
	}
}

// renewed takes over when the kubelet will renew a token.
func (v *tokenView) renewed(file *tokenFile) {
	v.Refresh = nil
	if file.RefreshAt != nil {
		v.Refresh = &token.Window{From: *file.RefreshAt, To: *file.RefreshAt}
	}
}
