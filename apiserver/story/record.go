package story

import (
	"strings"
	"time"
)

// Record is the story of one request. It does not change once it is in a Ring.
type Record struct {
	// Number counts the requests of people and pods, and those of components, in one sequence.
	Number  int64
	AuditID string
	// At is the cluster's time of arrival, Took the wall time to the answer.
	At   time.Time
	Took time.Duration

	// User is who the request ran as, Real who sent it if it was impersonated.
	User, Real string
	Groups     []string
	// Source is the address it came from, Agent the User-Agent.
	Source, Agent string
	// Command and Session are what kubectl says of itself: the command line's verb, and what groups the requests of one run.
	Command, Session string

	Method, Path                string
	Verb, Group, Resource       string
	Subresource, Namespace      string
	Name                        string
	IsResource, System, LongRun bool

	Code    int
	Reason  string // of the Status, if the answer is one
	Message string

	// Issued is the id of the token that the request got, or empty. It names the token and gives nothing away.
	Issued string

	// Authentication, Authorization and Admission are what those steps found.
	Authentication any
	Authorization  any
	Admission      []any
}

// Discovery says whether a request only asks what the server serves, as kubectl does before most commands.
func (r *Record) Discovery() bool {
	if r.IsResource {
		return false
	}
	for _, p := range []string{"/api", "/apis", "/openapi", "/version"} {
		if r.Path == p || strings.HasPrefix(r.Path, p+"/") {
			return true
		}
	}
	return false
}

// systemPrefixes begin the names of components.
var systemPrefixes = []string{"system:node:", "system:kube-", "system:apiserver", "system:serviceaccount:kube-system:"}

// IsSystem says whether a user is a component of the cluster.
func IsSystem(user string) bool {
	for _, p := range systemPrefixes {
		if strings.HasPrefix(user, p) {
			return true
		}
	}
	return false
}

// cost estimates what a record takes in memory.
func (r *Record) cost() int {
	n := 512 + len(r.AuditID) + len(r.User) + len(r.Real) + len(r.Agent) + len(r.Path) + len(r.Message) + len(r.Name) + len(r.Issued)
	for _, g := range r.Groups {
		n += len(g) + 16
	}
	return n + 256*len(r.Admission)
}
