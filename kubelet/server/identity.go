package server

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var errNobody = errors.New("neither a client certificate nor a token")

// authenticate finds out who calls: by a client certificate, which TLS has only asked for, or by a token,
// about which the API server is asked.
func (s *Server) authenticate(r *http.Request) (authenticationv1.UserInfo, error) {
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		return s.byCertificate(r.TLS.PeerCertificates)
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
		return authenticationv1.UserInfo{}, errNobody
	}
	review, err := s.cfg.Client.AuthenticationV1().TokenReviews().Create(r.Context(), &authenticationv1.TokenReview{
		Spec: authenticationv1.TokenReviewSpec{Token: token},
	}, metav1.CreateOptions{})
	switch {
	case err != nil:
		return authenticationv1.UserInfo{}, fmt.Errorf("ask about a token: %w", err)
	case !review.Status.Authenticated:
		return authenticationv1.UserInfo{}, errNobody
	}
	return review.Status.User, nil
}

func (s *Server) byCertificate(chain []*x509.Certificate) (authenticationv1.UserInfo, error) {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: s.cfg.ClientCA, Intermediates: between, CurrentTime: s.cfg.Clock.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	// Like every user who has been authenticated, whatever the certificate says beside.
	groups := append(append([]string(nil), chain[0].Subject.Organization...), "system:authenticated")
	return authenticationv1.UserInfo{Username: chain[0].Subject.CommonName, Groups: groups}, err
}

// subresources are what of a node a path belongs to, the finest first: having the right to one of them is
// enough. What has none of its own belongs to nodes/proxy.
func subresources(p string) []string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path.Clean("/"+p), "/"), "/")
	switch first {
	case "pods", "runningpods":
		return []string{"pods", "proxy"}
	case "healthz", "configz":
		return []string{first, "proxy"}
	case "stats", "metrics", "statusz", "checkpoint":
		return []string{first}
	case "logs":
		return []string{"log"}
	case "flagz":
		return []string{"configz"}
	}
	return []string{"proxy"}
}

// authorize asks the API server whether a caller may use the node so. A code of 0 says yes.
func (s *Server) authorize(r *http.Request, user authenticationv1.UserInfo) (code int, refusal string) {
	verb := map[string]string{
		http.MethodPost: "create", http.MethodGet: "get", http.MethodPut: "update", http.MethodPatch: "patch", http.MethodDelete: "delete",
	}[r.Method]
	subs := subresources(r.URL.Path)
	for _, sub := range subs {
		spec := authorizationv1.SubjectAccessReviewSpec{
			User: user.Username, UID: user.UID, Groups: user.Groups,
			ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: verb, Version: "v1", Resource: "nodes", Subresource: sub, Name: s.cfg.Node.Name()},
		}
		if len(user.Extra) > 0 {
			spec.Extra = make(map[string]authorizationv1.ExtraValue, len(user.Extra))
			for k, v := range user.Extra {
				spec.Extra[k] = authorizationv1.ExtraValue(v)
			}
		}
		review, err := s.cfg.Client.AuthorizationV1().SubjectAccessReviews().Create(r.Context(), &authorizationv1.SubjectAccessReview{Spec: spec}, metav1.CreateOptions{})
		if err != nil {
			return http.StatusInternalServerError, fmt.Sprintf("Authorization error (user=%s, verb=%s, resource=nodes, subresource=%s)", user.Username, verb, sub)
		}
		if review.Status.Allowed {
			return 0, ""
		}
	}
	return http.StatusForbidden, fmt.Sprintf("Forbidden (user=%s, verb=%s, resource=nodes, subresource(s)=%v)\n", user.Username, verb, subs)
}
