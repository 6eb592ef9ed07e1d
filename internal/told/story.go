package told

import (
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Story is what happened to one request.
type Story struct {
	Number  int64     `json:"number"`
	AuditID string    `json:"auditID"`
	At      time.Time `json:"at"`
	// TookMicros is how long the answer took, Steps where the time went.
	TookMicros int64  `json:"tookMicros"`
	Steps      []Step `json:"steps,omitempty"`

	User   string   `json:"user,omitempty"`
	Groups []string `json:"groups,omitempty"`
	// Real is who impersonated User, Wanted whom User wanted to impersonate and may not.
	Real   string `json:"impersonatedBy,omitempty"`
	Wanted string `json:"wanted,omitempty"`

	Source  string `json:"source,omitempty"`
	Agent   string `json:"userAgent,omitempty"`
	Command string `json:"command,omitempty"`
	Session string `json:"session,omitempty"`
	Method  string `json:"method"`
	Path    string `json:"path"`

	Request
	System    bool `json:"system,omitempty"`
	Discovery bool `json:"discovery,omitempty"`

	Code     int      `json:"code"`
	Reason   string   `json:"reason,omitempty"`
	Message  string   `json:"message,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	// Issued is the id of the token that the request got.
	Issued string `json:"issued,omitempty"`

	// Authentication lists the credentials that were tried. AlsoToken: a token came beside the certificate and was not looked at.
	Authentication []Attempt `json:"authentication,omitempty"`
	AlsoToken      bool      `json:"alsoToken,omitempty"`
	Authorization  *Decision `json:"authorization,omitempty"`
	// Admission says what plugins did, Changes what it made of the object.
	Admission  []Note `json:"admission,omitempty"`
	Changes    []Edit `json:"changes,omitempty"`
	ChangesCut bool   `json:"changesCut,omitempty"`
	// Asked is a further question that was asked in the course of the request and refused.
	Asked *Question `json:"asked,omitempty"`
	// Missing are the rights that the sender tried to hand out without holding them.
	Missing []rbacv1.PolicyRule `json:"missing,omitempty"`

	// Others are the other requests of the same run of kubectl, oldest first, without discovery.
	Others []Story `json:"others,omitempty"`
}

// Request says what was wanted.
type Request struct {
	Verb        string `json:"verb"`
	Group       string `json:"group,omitempty"`
	Resource    string `json:"resource,omitempty"`
	Subresource string `json:"subresource,omitempty"`
	Namespace   string `json:"namespace,omitempty"`
	Name        string `json:"name,omitempty"`
	// Namespaced says that the resource lives in namespaces: without one the request is about all of them.
	Namespaced bool `json:"namespaced,omitempty"`
}

// Step is a part of the time that a request took.
type Step struct {
	Name   string `json:"name"`
	Micros int64  `json:"micros"`
}

// Attempt is a credential that was tried.
type Attempt struct {
	Method  string            `json:"method"`
	Outcome string            `json:"outcome"`
	Code    string            `json:"code,omitempty"`
	Params  map[string]string `json:"params,omitempty"`
	Checks  []Check           `json:"checks,omitempty"`
	Token   *Token            `json:"token,omitempty"`
}

// Check is one step in judging a token.
type Check struct {
	Step    string            `json:"step"`
	Outcome string            `json:"outcome"`
	Code    string            `json:"code,omitempty"`
	Params  map[string]string `json:"params,omitempty"`
}

// Token says what an account's token says, and never the token. Unless Proven, no signature vouches for it.
type Token struct {
	ID        string `json:"id,omitempty"`
	Proven    bool   `json:"proven"`
	Legacy    bool   `json:"legacy,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Account   string `json:"account,omitempty"`
	Pod       string `json:"pod,omitempty"`
	Node      string `json:"node,omitempty"`
	Secret    string `json:"secret,omitempty"`
	// Issued, and Ends as its holder was told; Signed is the later end that is signed, if it is another.
	Issued  *time.Time `json:"issued,omitempty"`
	Ends    *time.Time `json:"ends,omitempty"`
	Signed  *time.Time `json:"signed,omitempty"`
	AskedBy *AskedBy   `json:"askedBy,omitempty"`
}

// AskedBy is the request that a token came of.
type AskedBy struct {
	User   string    `json:"user"`
	Real   string    `json:"impersonatedBy,omitempty"`
	At     time.Time `json:"at"`
	Number int64     `json:"number"`
}

// Decision is what authorization said.
type Decision struct {
	Allowed bool     `json:"allowed"`
	By      string   `json:"by,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Answers []Answer `json:"answers,omitempty"`
}

// Answer is what one authorizer said.
type Answer struct {
	By      string `json:"by"`
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason,omitempty"`
}

// Note is something that an admission plugin did.
type Note struct {
	Plugin string            `json:"plugin"`
	Code   string            `json:"code"`
	Params map[string]string `json:"params,omitempty"`
}

// Edit is one difference between what was sent and what admission made of it.
type Edit struct {
	Path string `json:"path"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
}
