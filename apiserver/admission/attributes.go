package admission

import (
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/request"
)

// Operation is what a request does to an object.
type Operation string

// The four operations that admission sees.
const (
	Create  Operation = "CREATE"
	Update  Operation = "UPDATE"
	Delete  Operation = "DELETE"
	Connect Operation = "CONNECT"
)

// Attributes are one write, as the plugins see it. Mutating plugins change Object in place.
type Attributes struct {
	Operation   Operation
	User        *request.User
	Resource    schema.GroupVersionResource
	Kind        schema.GroupVersionKind
	Subresource string
	Namespace   string
	// Name is the name on the URL: empty on a create of a collection's member, set on serviceaccounts/token.
	Name string
	// Object is the new object; nil on delete. It belongs to the chain while it runs.
	Object runtime.Object
	// Old is the stored object on update and delete; never changed.
	Old runtime.Object
	// Options are the CreateOptions, UpdateOptions or DeleteOptions of the request.
	Options runtime.Object
	DryRun  bool

	// Notes say what the plugins changed, in order. The chain appends to it.
	Notes []Note
	// Warnings are texts for Warning headers. The chain appends to it.
	Warnings []string
}

// Note is one change or finding of a plugin, for the story of a request: a code of the message catalogue and its parameters.
type Note struct {
	Plugin string
	// Code is one of the Note* constants.
	Code   string
	Params map[string]string
}

// Codes of Notes.
const (
	// NoteDefaultAccount: the pod named no account and got "default". Params: account.
	NoteDefaultAccount = "admission.account.default"
	// NoteTokenMounted: a volume with the account's token was added. Params: account, volume, containers (how many).
	NoteTokenMounted = "admission.token.mounted"
	// NoteTokenRefusedByPod: automountServiceAccountToken is false on the pod. Params: account.
	NoteTokenRefusedByPod = "admission.token.refused.pod"
	// NoteTokenRefusedByAccount: automountServiceAccountToken is false on the account. Params: account.
	NoteTokenRefusedByAccount = "admission.token.refused.account"
	// NoteTokenPathTaken: every container already mounts something at the token's path (ADM-12). Params: account.
	NoteTokenPathTaken = "admission.token.path-taken"
	// NotePullSecrets: imagePullSecrets were copied from the account. Params: account, count.
	NotePullSecrets = "admission.pull-secrets.copied"
	// NoteTolerations: the tolerations for failing nodes were added. Params: count, seconds.
	NoteTolerations = "admission.tolerations.added"
	// NotePriority: the priority was taken from a class. Params: class, value.
	NotePriority = "admission.priority.resolved"
	// NoteLimitRange: requests or limits were filled in from a LimitRange. Params: name, what.
	NoteLimitRange = "admission.limit-range.applied"
	// NoteStorageClass: a claim got the default storage class. Params: class.
	NoteStorageClass = "admission.storage-class.default"
	// NoteNodeTokenAllowed: a node may have this token. Params: node, pod, audience.
	NoteNodeTokenAllowed = "admission.node-token.allowed"
)

// note records what a plugin did; kv are the parameters, name and value in turn.
func (a *Attributes) note(plugin, code string, kv ...string) {
	n := Note{Plugin: plugin, Code: code}
	if len(kv) > 1 {
		n.Params = make(map[string]string, len(kv)/2)
		for i := 0; i+1 < len(kv); i += 2 {
			n.Params[kv[i]] = kv[i+1]
		}
	}
	a.Notes = append(a.Notes, n)
}

// is says whether the request is about this resource and subresource.
func (a *Attributes) is(group, resource, subresource string) bool {
	return a.Resource.Group == group && a.Resource.Resource == resource && a.Subresource == subresource
}

// displayName is the name that messages give the object: the URL's, else the object's name or its generateName.
func (a *Attributes) displayName() string {
	if a.Name != "" {
		return a.Name
	}
	if a.Object == nil {
		return "Unknown"
	}
	m, err := meta.Accessor(a.Object)
	switch {
	case err != nil:
		return "Unknown/errorGettingName"
	case m.GetName() != "":
		return m.GetName()
	case m.GetGenerateName() != "":
		return m.GetGenerateName()
	}
	return "Unknown"
}
