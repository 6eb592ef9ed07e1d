package authn

import (
	"encoding/base64"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/kubemint/kubemint/apiserver/token"
)

// Codes of failed attempts other than a ServiceAccount token's; the parameters they carry are named beside them.
const (
	CodeUnknownToken      = "authn.token.unknown"         // nobody knows this token
	CodeNoAnonymous       = "authn.anonymous.off"         // no credential, and anonymous requests are refused
	CodeSubprotocolTwice  = "authn.websocket.twice"       // two tokens
	CodeSubprotocolCoding = "authn.websocket.encoding"    // the token is not base64url, or not UTF-8
	CodeSubprotocolAlone  = "authn.websocket.alone"       // no other subprotocol beside the token
	CodeCertExpired       = "authn.certificate.expired"   // name, ended, now
	CodeCertNotYet        = "authn.certificate.not-yet"   // name, begins, now
	CodeCertAuthority     = "authn.certificate.authority" // name, issuer
	CodeCertUsage         = "authn.certificate.usage"     // name
	CodeCertOther         = "authn.certificate.other"     // name, error
	CodeCertUID           = "authn.certificate.uid"       // name
	textInvalid           = "invalid bearer token"
	textExtraSpace        = "the provided Authorization header contains extra space before the bearer token, and is ignored"
)

// FromHeader reads the Authorization header (AUTH-2). Other schemes, and no token, are no credential at all.
func FromHeader(h http.Header) (raw, warning string) {
	auth := strings.TrimSpace(h.Get("Authorization"))
	scheme, rest, ok := strings.Cut(auth, " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return "", ""
	}
	raw, _, more := strings.Cut(rest, " ")
	if raw == "" && more {
		return "", textExtraSpace
	}
	return raw, ""
}

const subprotocol = "base64url.bearer.authorization.k8s.io."

// webSocket reads a token out of a WebSocket's subprotocols, as browsers send it, and takes it away from them (API-135).
func (a *Authenticator) webSocket(r *http.Request) (*Result, *Unauthorized) {
	const name = "Sec-Websocket-Protocol"
	lines := r.Header[name]
	if len(lines) == 0 || !upgrade(r.Header) { // nearly all requests end here
		return nil, nil
	}
	fail := func(code, text string) *Unauthorized {
		return &Unauthorized{Attempts: []Attempt{{Method: WebSocket, Outcome: token.Failed, Code: code, Text: text}}}
	}
	var others []string
	encoded, seen := "", false
	for _, p := range strings.Split(strings.Join(lines, ","), ",") {
		p = strings.TrimSpace(p)
		rest, ok := strings.CutPrefix(p, subprotocol)
		switch {
		case !ok:
			others = append(others, p)
		case seen:
			return nil, fail(CodeSubprotocolTwice, "multiple base64.bearer.authorization tokens specified")
		default:
			encoded, seen = rest, true
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	switch {
	case err != nil:
		return nil, fail(CodeSubprotocolCoding, "invalid base64.bearer.authorization token encoding")
	case !utf8.Valid(raw):
		return nil, fail(CodeSubprotocolCoding, "invalid base64.bearer.authorization token")
	case len(raw) == 0:
		return nil, nil
	case len(others) == 0:
		return nil, fail(CodeSubprotocolAlone, "missing additional subprotocol")
	}
	good, bad := a.token(r.Context(), string(raw), nil)
	if good != nil {
		r.Header.Set(name, strings.Join(others, ","))
	}
	return good, bad
}

// upgrade tells whether the request asks for a WebSocket.
func upgrade(h http.Header) bool {
	if !strings.EqualFold(h.Get("Upgrade"), "websocket") {
		return false
	}
	for _, line := range h["Connection"] {
		for _, word := range strings.Split(line, ",") {
			if strings.EqualFold(strings.TrimSpace(word), "upgrade") {
				return true
			}
		}
	}
	return false
}
