package volumes

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	storage "k8s.io/component-helpers/storage/volume"
)

// Own is the provisioner that is kubemint's own: a directory on the disk of one node.
const Own = "kubemint.dev/directory"

// provisioner makes the volume for a claim, on a node: the selected one, or empty.
type provisioner func(b *Binder, claim *corev1.PersistentVolumeClaim, node string) (*corev1.PersistentVolume, error)

// simulated returns the provisioner that classes call by a name, or nil.
func simulated(name string) provisioner {
	switch name {
	case Own:
		return ownDirectory
	case "rancher.io/local-path":
		return localPath
	case "k8s.io/minikube-hostpath":
		return minikubePath
	}
	return nil
}

// provision has a volume made for a claim: here, or by somebody outside who is told of it by annotations.
func (b *Binder) provision(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	class, err := b.classes.Get(storage.GetPersistentVolumeClaimClass(claim))
	if err != nil {
		b.Events.Event(claim, corev1.EventTypeWarning, "ProvisioningFailed", err.Error())
		return nil
	}
	if strings.HasPrefix(class.Provisioner, "kubernetes.io/") {
		b.Events.Event(claim, corev1.EventTypeWarning, "ProvisioningFailed", "no volume plugin matched name: "+class.Provisioner)
		return nil
	}
	if claim.Annotations[storage.AnnStorageProvisioner] != class.Provisioner {
		next := claim.DeepCopy()
		metav1.SetMetaDataAnnotation(&next.ObjectMeta, storage.AnnStorageProvisioner, class.Provisioner)
		metav1.SetMetaDataAnnotation(&next.ObjectMeta, storage.AnnBetaStorageProvisioner, class.Provisioner)
		next, err = b.Client.CoreV1().PersistentVolumeClaims(claim.Namespace).Update(ctx, next, metav1.UpdateOptions{})
		if err != nil {
			return err
		}
		*claim = *next
	}
	b.Events.Eventf(claim, corev1.EventTypeNormal, "ExternalProvisioning", "Waiting for a volume to be created either by the external provisioner '%s' "+
		"or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.", class.Provisioner)
	p := simulated(class.Provisioner)
	if p == nil {
		return nil
	}
	return b.make(ctx, claim, class, p)
}

// make makes a volume in the name of an external provisioner.
func (b *Binder) make(ctx context.Context, claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass, p provisioner) error {
	if _, err := b.volumes.Get(volumeName(claim)); err == nil {
		return nil // it is there, and about to be bound
	}
	events := b.cfg.Provisioner
	events.Eventf(claim, corev1.EventTypeNormal, "Provisioning", "External provisioner is provisioning volume for claim %q", claim.Namespace+"/"+claim.Name)
	volume, err := p(b, claim, claim.Annotations[storage.AnnSelectedNode])
	if err == nil && claim.Spec.Selector != nil {
		err = errors.New("claim.Spec.Selector is not supported")
	}
	if err != nil {
		events.Eventf(claim, corev1.EventTypeWarning, "ProvisioningFailed", "failed to provision volume with StorageClass %q: %v", class.Name, err)
		return nil
	}
	b.fill(volume, claim, class)
	_, err = b.Client.CoreV1().PersistentVolumes().Create(ctx, volume, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	if err == nil {
		events.Eventf(claim, corev1.EventTypeNormal, "ProvisioningSucceeded", "Successfully provisioned volume %s", volume.Name)
	}
	return nil
}

// fill gives a made volume what all have.
func (b *Binder) fill(volume *corev1.PersistentVolume, claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass) {
	volume.Name = volumeName(claim)
	metav1.SetMetaDataAnnotation(&volume.ObjectMeta, storage.AnnDynamicallyProvisioned, class.Provisioner)
	s := &volume.Spec
	s.StorageClassName, s.MountOptions, s.AccessModes = class.Name, class.MountOptions, claim.Spec.AccessModes
	s.Capacity = corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]}
	mode := corev1.PersistentVolumeFilesystem
	s.VolumeMode = &mode
	s.PersistentVolumeReclaimPolicy = corev1.PersistentVolumeReclaimDelete
	if class.ReclaimPolicy != nil {
		s.PersistentVolumeReclaimPolicy = *class.ReclaimPolicy
	}
	s.ClaimRef = &corev1.ObjectReference{Kind: "PersistentVolumeClaim", APIVersion: "v1", Namespace: claim.Namespace, Name: claim.Name,
		UID: claim.UID, ResourceVersion: claim.ResourceVersion}
}

func volumeName(claim *corev1.PersistentVolumeClaim) string { return "pvc-" + string(claim.UID) }

func isBlock(claim *corev1.PersistentVolumeClaim) bool {
	return claim.Spec.VolumeMode != nil && *claim.Spec.VolumeMode == corev1.PersistentVolumeBlock
}

// on ties a volume to a node.
func on(volume *corev1.PersistentVolume, node string) {
	volume.Spec.NodeAffinity = &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{{Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{node}}}}}}}
}

// ownDirectory makes a directory on the selected node or, when none is, on the first that is ready.
func ownDirectory(b *Binder, claim *corev1.PersistentVolumeClaim, node string) (*corev1.PersistentVolume, error) {
	if isBlock(claim) {
		return nil, errors.New("block volumes are not simulated")
	}
	if node == "" {
		var err error
		if node, err = b.firstReady(); err != nil {
			return nil, err
		}
	}
	v := &corev1.PersistentVolume{}
	v.Spec.Local = &corev1.LocalVolumeSource{Path: path.Join("/var/lib/kubemint/volumes", volumeName(claim))}
	on(v, node)
	return v, nil
}

func (b *Binder) firstReady() (string, error) {
	all, err := b.nodes.List(labels.Everything())
	if err != nil {
		return "", err
	}
	slices.SortFunc(all, func(x, y *corev1.Node) int { return strings.Compare(x.Name, y.Name) })
	for _, n := range all {
		if !n.Spec.Unschedulable && slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
			return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
		}) {
			return n.Name, nil
		}
	}
	return "", errors.New("no node is ready")
}

// localPath is what the provisioner of kind and k3s does: for one node, which the scheduler must have chosen.
func localPath(_ *Binder, claim *corev1.PersistentVolumeClaim, node string) (*corev1.PersistentVolume, error) {
	if isBlock(claim) {
		return nil, errors.New("NodePath only supports Filesystem volume mode")
	}
	for _, m := range claim.Spec.AccessModes {
		if m != corev1.ReadWriteOnce && m != corev1.ReadWriteOncePod {
			return nil, errors.New("NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes")
		}
	}
	if node == "" {
		return nil, errors.New("configuration error, no node was specified")
	}
	v := &corev1.PersistentVolume{}
	metav1.SetMetaDataAnnotation(&v.ObjectMeta, "local.path.provisioner/selected-node", node)
	made := corev1.HostPathDirectoryOrCreate
	v.Spec.HostPath = &corev1.HostPathVolumeSource{Type: &made,
		Path: path.Join("/var/local-path-provisioner", fmt.Sprintf("%s_%s_%s", volumeName(claim), claim.Namespace, claim.Name))}
	on(v, node)
	return v, nil
}

// minikubePath is what minikube's does: a directory by the claim's name, of whichever node.
func minikubePath(_ *Binder, claim *corev1.PersistentVolumeClaim, _ string) (*corev1.PersistentVolume, error) {
	if isBlock(claim) {
		return nil, errors.New("block volumes are not simulated")
	}
	unchecked := corev1.HostPathUnset
	v := &corev1.PersistentVolume{}
	v.Spec.HostPath = &corev1.HostPathVolumeSource{Type: &unchecked, Path: path.Join("/tmp/hostpath-provisioner", claim.Namespace, claim.Name)}
	return v, nil
}
