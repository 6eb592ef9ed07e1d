package era

import "time"

// TracksLegacyUse: Secrets with tokens are labelled with their last use (ERA-10).
func (e Era) TracksLegacyUse() bool { return e.since(27) }

// CleansLegacy: unused auto-generated token Secrets are marked, then deleted (ERA-10, ERA-40).
func (e Era) CleansLegacy() bool { return e.since(29) }

// JTI: tokens carry an id, and their users a credential-id (ERA-11).
func (e Era) JTI() bool { return e.since(30) }

// PodNodeInfo: tokens bound to a pod name its node (ERA-11, TOK-15).
func (e Era) PodNodeInfo() bool { return e.since(30) }

// NodeBinding: tokens can be bound to a node (ERA-12).
func (e Era) NodeBinding() bool { return e.since(31) }

// ChecksNodeBinding: a token bound to a node dies with it (ERA-11).
func (e Era) ChecksNodeBinding() bool { return e.since(30) }

// ChecksRequestUID: a token request may name the account's uid (TOK-11, ERA-13).
func (e Era) ChecksRequestUID() bool { return e.since(34) }

// RestrictsNodeAudiences: a node gets tokens only for the audiences of its pods (NODE-10).
func (e Era) RestrictsNodeAudiences() bool { return e.since(33) }

// NodeReadsAccounts: a node may get the accounts of its pods (NODE-4).
func (e Era) NodeReadsAccounts() bool { return e.since(34) }

// NodeSelectors: a node lists only its own pods and its own Node (NODE-6).
func (e Era) NodeSelectors() bool { return e.since(32) }

// CertificateCredentialID: users of client certificates have a credential-id (ERA-13).
func (e Era) CertificateCredentialID() bool { return e.since(32) }

// CertificateUID: a certificate's subject can carry the user's uid (USR-2).
func (e Era) CertificateUID() bool { return e.since(33) }

// ConstrainedImpersonation: impersonation tries its narrow modes first (USR-23).
func (e Era) ConstrainedImpersonation() bool { return e.since(36) }

// SelfSubjectReview: authentication.k8s.io/v1 serves it (AUTH-33).
func (e Era) SelfSubjectReview() bool { return e.since(28) }

// DeprecatesMountableSecrets: the annotation brings a warning (SA-8, ERA-13).
func (e Era) DeprecatesMountableSecrets() bool { return e.since(32) }

// DeprecatesEndpoints: v1 Endpoints bring a warning.
func (e Era) DeprecatesEndpoints() bool { return e.since(33) }

// RolesHoldTokenRequest: edit and admin may create serviceaccounts/token (ERA-9).
func (e Era) RolesHoldTokenRequest() bool { return e.since(24) }

// SecretsColumn: `kubectl get serviceaccounts` shows SECRETS (ERA-50).
func (e Era) SecretsColumn() bool { return !e.since(35) }

// OldTokenTexts: failed tokens are reported in the words of 1.22 and before (ERA-8).
func (e Era) OldTokenTexts() bool { return !e.since(23) }

// GetOpensStreams: the right to get pods/exec opens a WebSocket without the right to create it (SPEC-3).
func (e Era) GetOpensStreams() bool { return !e.since(35) }

// ObservedGeneration: a pod's status and conditions carry it (KUB-51).
func (e Era) ObservedGeneration() bool { return e.since(35) }

// ReadyToStartCondition: pods have PodReadyToStartContainers (KUB-51).
func (e Era) ReadyToStartCondition() bool { return e.since(29) }

// MountTimeoutEvents: a volume that is long in coming brings an event of its own (KUB-43).
func (e Era) MountTimeoutEvents() bool { return !e.since(27) }

// NodeGrace is how long a node may be silent before it counts as lost (NODE-3).
func (e Era) NodeGrace() time.Duration {
	if e.since(32) {
		return 50 * time.Second
	}
	return 40 * time.Second
}

// ContainerEvents are the messages of the events Created and Started for the
// container of that name (KUB-52, KUB-53).
func (e Era) ContainerEvents(container string) (created, started string) {
	switch {
	case e.since(33):
		return "Container created", "Container started"
	case e.since(30):
		return "Created container: " + container, "Started container " + container
	}
	return "Created container " + container, "Started container " + container
}

// MountStatuses: a container's status lists its mounts (recursive read-only mounts, beta in 1.31).
func (e Era) MountStatuses() bool { return e.since(31) }

// ContainerUserStatus: a container's status names its user and groups (beta in 1.33).
func (e Era) ContainerUserStatus() bool { return e.since(33) }

// ContainerResourcesStatus: a container's status repeats its resources (in-place resize, beta in 1.33).
func (e Era) ContainerResourcesStatus() bool { return e.since(33) }

// LinkOwner: the links of a volume belong to the pod's common user, like its token (KUB-27).
func (e Era) LinkOwner() bool { return e.since(36) }
