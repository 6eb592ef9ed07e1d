package request

// User is who sent a request, after authentication and, where it applies, impersonation.
type User struct {
	Name   string
	UID    string
	Groups []string
	// Extra holds what an authenticator knows besides: authentication.kubernetes.io/credential-id, .../pod-name and so on (AUTH-23).
	Extra map[string][]string
}

// Well-known names (AUTHZ-16 to AUTHZ-18).
const (
	Anonymous       = "system:anonymous"
	Unauthenticated = "system:unauthenticated"
	Authenticated   = "system:authenticated"
	Masters         = "system:masters"
	APIServer       = "system:apiserver"
	Nodes           = "system:nodes"
	NodePrefix      = "system:node:"
	AccountPrefix   = "system:serviceaccount:"
)

// In says whether the user is in a group.
func (u *User) In(group string) bool {
	if u == nil {
		return false
	}
	for _, g := range u.Groups {
		if g == group {
			return true
		}
	}
	return false
}
