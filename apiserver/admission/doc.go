// Package admission changes requests and then checks them, after authorization and before an object is written.
//
// # Basics
//
// A Chain holds the plugins that a real kube-apiserver has switched on by default and that mean something here, in its order:
// NamespaceLifecycle, LimitRanger, ServiceAccount, NodeRestriction, TaintNodesByCondition, Priority, DefaultTolerationSeconds,
// DefaultStorageClass, StorageObjectInUseProtection, RuntimeClass, CertificateApproval, CertificateSigning,
// CertificateSubjectRestriction, ResourceQuota. Chain.Mutate runs before the registry prepares and validates an object, Chain.Validate
// after it, as the real handlers do: so a missing namespace or account is told before a bad field (422).
//
// What a plugin changed it notes on the Attributes as a code with parameters; the story of a request is told from these.
//
// # Caveats
//
// Admission sees writes only: get, list and watch never come here. Plugins read live objects through the Getter; none
// of them writes but ResourceQuota, which charges quotas for what is about to be stored.
// The webhooks and the policies in CEL are left out.
package admission
