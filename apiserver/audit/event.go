// Package audit writes the log that kube-apiserver writes under --audit-log-path: one audit.k8s.io/v1 Event a line (API-250 to API-253).
//
// # Basics
//
// Events are of level Metadata: who, what, when and how it ended, and never a body. The stage RequestReceived is left out, as most
// policies do: a request has one event when it is answered, a watch or stream another one when its answer begins.
//
// # Caveats
//
// Times are the cluster's. A token is never part of an event: the user's extra names it by its id, as in Kubernetes.
package audit

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/apiserver/request"
)

// Stage says how far a request has come (API-251).
type Stage string

// The stages.
const (
	ResponseStarted  Stage = "ResponseStarted"
	ResponseComplete Stage = "ResponseComplete"
	Panic            Stage = "Panic"
)

// Event is one line, its fields in the order in which Kubernetes writes them.
type Event struct {
	Kind       string `json:"kind"`
	APIVersion string `json:"apiVersion"`
	Level      string `json:"level"`
	AuditID    string `json:"auditID"`
	Stage      Stage  `json:"stage"`
	RequestURI string `json:"requestURI"`
	Verb       string `json:"verb"`
	// User is who sent the request, ImpersonatedUser who it ran as if that is another.
	User             User            `json:"user"`
	ImpersonatedUser *User           `json:"impersonatedUser,omitempty"`
	Authentication   *Authentication `json:"authenticationMetadata,omitempty"`
	SourceIPs        []string        `json:"sourceIPs,omitempty"`
	UserAgent        string          `json:"userAgent,omitempty"`
	// ObjectRef is nil for non-resource requests.
	ObjectRef      *Object           `json:"objectRef,omitempty"`
	ResponseStatus *metav1.Status    `json:"responseStatus,omitempty"`
	Received       metav1.MicroTime  `json:"requestReceivedTimestamp"`
	Timestamp      metav1.MicroTime  `json:"stageTimestamp"`
	Annotations    map[string]string `json:"annotations,omitempty"`
}

// User is authentication.k8s.io's UserInfo.
type User struct {
	Username string              `json:"username,omitempty"`
	UID      string              `json:"uid,omitempty"`
	Groups   []string            `json:"groups,omitempty"`
	Extra    map[string][]string `json:"extra,omitempty"`
}

// Authentication says by which constrained mode of impersonation somebody became another (IMP-11).
type Authentication struct {
	Constraint string `json:"impersonationConstraint,omitempty"`
}

// Object says what a request was about.
type Object struct {
	Resource    string `json:"resource,omitempty"`
	Namespace   string `json:"namespace,omitempty"`
	Name        string `json:"name,omitempty"`
	APIGroup    string `json:"apiGroup,omitempty"`
	APIVersion  string `json:"apiVersion,omitempty"`
	Subresource string `json:"subresource,omitempty"`
}

func userOf(u *request.User) User {
	if u == nil {
		return User{}
	}
	return User{Username: u.Name, UID: u.UID, Groups: u.Groups, Extra: u.Extra}
}

// objectOf is API-253: the name is the URL's, so that it is empty where a collection is created in.
func objectOf(i *request.Info) *Object {
	if !i.IsResource {
		return nil
	}
	return &Object{Resource: i.Resource, Namespace: i.Namespace, Name: i.Name, APIGroup: i.Group, APIVersion: i.Version, Subresource: i.Subresource}
}
