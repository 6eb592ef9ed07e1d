package story

import (
	"strings"
	"time"

	"github.com/kubemint/kubemint/apiserver/request"
)

// Record is the story of one request. It does not change once it is in a Ring.
type Record struct {
	// Number counts the requests of people and pods, and those of components, in one sequence.
	Number  int64
	AuditID string
	// At is the cluster's time of arrival, Took the wall time to the answer.
	At   time.Time
	Took time.Duration

	// Times say when each step ended, after At, by the wall clock.
	Times request.Times

	// User is who the request ran as, Real who sent it if it was impersonated.
	User, Real string
	Groups     []string
	// Wanted is who the sender asked to be and may not.
	Wanted string
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
	// Warnings are those of the answer.
	Warnings []string

	// Issued is the id of the token that the request got, or empty. It names the token and gives nothing away.
	Issued string

	// Authentication, Authorization and Admission are what those steps found.
	Authentication any
	Authorization  any
	Admission      []any

	// Keeps is about how many bytes those findings keep alive, weight what the ring counts for all of it.
	Keeps  int
	weight int
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

// Sender is who sent the request, whoever it ran as.
func (r *Record) Sender() string {
	if r.Real != "" {
		return r.Real
	}
	return r.User
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
	n := 1024 + len(r.AuditID) + len(r.User) + len(r.Real) + len(r.Wanted) + len(r.Agent) + len(r.Path) + len(r.Message) + len(r.Issued) + r.Keeps
	for _, list := range [][]string{r.Groups, r.Warnings} {
		for _, text := range list {
			n += len(text) + 16
		}
	}
	for _, found := range r.Admission {
		n += 256
		if c, ok := found.(*Change); ok {
			n += c.size
		}
	}
	return n
}
