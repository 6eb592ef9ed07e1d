package validate

import (
	"fmt"
	"path"
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const badMode = "must be a number between 0 and 0777 (octal), both inclusive"

// checkVolumes checks the volumes and remembers the good ones for the containers' mounts.
func (c *podCheck) checkVolumes(p *field.Path) {
	c.volumes = map[string]corev1.VolumeSource{}
	made := map[string]bool{} // claims that the pod's ephemeral volumes will make
	if c.meta != nil && c.meta.Name != "" {
		for _, v := range c.spec.Volumes {
			if v.Ephemeral != nil {
				made[c.meta.Name+"-"+v.Name] = true
			}
		}
	}
	for i := range c.spec.Volumes {
		v, at := &c.spec.Volumes[i], p.Index(i)
		before := len(c.list)
		c.source(at, v)
		if v.Name == "" {
			c.required(at.Child("name"), "")
		} else {
			c.dnsLabel(at.Child("name"), v.Name)
		}
		if _, ok := c.volumes[v.Name]; ok {
			c.duplicate(at.Child("name"), v.Name)
		}
		if len(c.list) == before {
			c.volumes[v.Name] = v.VolumeSource
		}
		if v.PersistentVolumeClaim != nil && made[v.PersistentVolumeClaim.ClaimName] {
			c.invalid(at.Child("persistentVolumeClaim", "claimName"), v.PersistentVolumeClaim.ClaimName, "must not reference a PVC that gets created for an ephemeral volume")
		}
	}
}

// source checks where a volume comes from: one kind, and that one well formed.
func (c *podCheck) source(p *field.Path, v *corev1.Volume) {
	kinds := sourceKinds(v.VolumeSource)
	if len(kinds) == 0 {
		c.required(p, "must specify a volume type")
		return
	}
	c.oneSource(p, v, kinds[0])
	for _, k := range kinds[1:] {
		c.forbidden(p.Child(refusedName(k)), "may not specify more than 1 volume type")
	}
}

// sourceOrder is the order in which the real server looks at the kinds; the first is checked, the others refused.
var sourceOrder = []string{"emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi",
	"glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc", "flexVolume", "configMap",
	"azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk", "storageos", "projected", "scaleIO", "csi", "ephemeral", "image"}

// refusedName is what a kind is called where it is one too many.
func refusedName(kind string) string {
	switch kind {
	case "cephfs":
		return "cephFS"
	case "downwardAPI":
		return "downwarAPI" // sic
	}
	return kind
}

// sourceKinds are the JSON names of the kinds of storage that a struct of pointers names, in sourceOrder.
func sourceKinds(source any) []string {
	set := map[string]bool{}
	v := reflect.ValueOf(source)
	for i := range v.NumField() {
		if v.Field(i).IsNil() {
			continue
		}
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		set[name] = true
	}
	var kinds []string
	for _, k := range sourceOrder {
		if set[k] {
			kinds = append(kinds, k)
			delete(set, k)
		}
	}
	return append(kinds, sorted(set)...)
}

func (c *podCheck) oneSource(p *field.Path, v *corev1.Volume, kind string) {
	at := p.Child(kind)
	switch kind {
	case "emptyDir":
		if s := v.EmptyDir.SizeLimit; s != nil && s.Sign() < 0 {
			c.forbidden(at.Child("sizeLimit"), "SizeLimit field must be a valid resource quantity")
		}
	case "hostPath":
		c.hostPath(at, v.HostPath)
	case "gitRepo":
		if v.GitRepo.Repository == "" {
			c.required(at.Child("repository"), "")
		}
		c.localPath(at.Child("directory"), v.GitRepo.Directory)
	case "secret":
		if v.Secret.SecretName == "" {
			c.required(at.Child("secretName"), "")
		}
		c.mode(at.Child("defaultMode"), v.Secret.DefaultMode)
		c.items(at.Child("items"), v.Secret.Items)
	case "configMap":
		if v.ConfigMap.Name == "" {
			c.required(at.Child("name"), "")
		}
		c.mode(at.Child("defaultMode"), v.ConfigMap.DefaultMode)
		c.items(at.Child("items"), v.ConfigMap.Items)
	case "nfs":
		c.nfs(at, v.NFS)
	case "persistentVolumeClaim":
		if v.PersistentVolumeClaim.ClaimName == "" {
			c.required(at.Child("claimName"), "")
		}
	case "downwardAPI":
		c.mode(at.Child("defaultMode"), v.DownwardAPI.DefaultMode)
		for i := range v.DownwardAPI.Items {
			c.downwardFile(at, &v.DownwardAPI.Items[i])
		}
	case "projected":
		c.mode(at.Child("defaultMode"), v.Projected.DefaultMode)
		c.projected(at, v.Projected)
	case "csi":
		c.driverName(at.Child("driver"), v.CSI.Driver)
		if ref := v.CSI.NodePublishSecretRef; ref != nil {
			if ref.Name == "" {
				c.required(at.Child("nodePublishSecretRef", "name"), "")
			} else {
				c.invalids(at.Child("name"), ref.Name, subdomainName(ref.Name))
			}
		}
	case "ephemeral":
		c.ephemeralVolume(p, at, v)
	case "image":
		if v.Image.Reference == "" {
			c.required(at.Child("reference"), "")
		}
		need(c.report, at.Child("pullPolicy"), v.Image.PullPolicy, corev1.PullAlways, corev1.PullIfNotPresent, corev1.PullNever)
	default:
		c.disk(p, v, kind)
	}
}

func (c *podCheck) ephemeralVolume(p, at *field.Path, v *corev1.Volume) {
	t := v.Ephemeral.VolumeClaimTemplate
	if t == nil {
		c.required(at.Child("volumeClaimTemplate"), "")
	} else {
		c.annotations(at.Child("volumeClaimTemplate", "metadata", "annotations"), t.Annotations)
		c.add(metav1validation.ValidateLabels(t.Labels, at.Child("volumeClaimTemplate", "metadata", "labels")))
		onlyFields(c.report, at.Child("volumeClaimTemplate", "metadata"), t.ObjectMeta, map[string]bool{"Annotations": true, "Labels": true}, "cannot be set")
		claimSpec(c.report, at.Child("volumeClaimTemplate", "spec"), &t.Spec)
	}
	if c.meta != nil && c.meta.Name != "" && v.Name != "" {
		name := c.meta.Name + "-" + v.Name
		for _, m := range subdomainName(name) {
			c.invalid(p.Child("name"), v.Name, fmt.Sprintf("PVC name %q: %v", name, m))
		}
	}
}

func (r *report) hostPath(p *field.Path, h *corev1.HostPathVolumeSource) {
	if h.Path == "" {
		r.required(p.Child("path"), "")
		return
	}
	r.noBackstep(p.Child("path"), h.Path)
	if h.Type != nil {
		oneOf(r, p.Child("type"), *h.Type, corev1.HostPathUnset, corev1.HostPathBlockDev, corev1.HostPathCharDev, corev1.HostPathDirectory,
			corev1.HostPathDirectoryOrCreate, corev1.HostPathFile, corev1.HostPathFileOrCreate, corev1.HostPathSocket)
	}
}

func (r *report) nfs(p *field.Path, n *corev1.NFSVolumeSource) {
	if n.Server == "" {
		r.required(p.Child("server"), "")
	}
	if n.Path == "" {
		r.required(p.Child("path"), "")
	}
	if !path.IsAbs(n.Path) {
		r.invalid(p.Child("path"), n.Path, "must be an absolute path")
	}
}

func (r *report) driverName(p *field.Path, name string) {
	if name == "" {
		r.required(p, "")
		return
	}
	if len(name) > 63 {
		r.tooLong(p, 63)
	}
	r.invalids(p, name, validation.IsDNS1123Subdomain(strings.ToLower(name)))
}

// mode is a file mode of an item or of a whole volume (ADM-36).
func (r *report) mode(p *field.Path, mode *int32) {
	if mode != nil && (*mode < 0 || *mode > 0o777) {
		r.invalid(p, *mode, badMode)
	}
}

func (c *podCheck) items(p *field.Path, items []corev1.KeyToPath) {
	for i := range items {
		c.item(p.Index(i), &items[i])
	}
}

func (c *podCheck) item(p *field.Path, k *corev1.KeyToPath) {
	if k.Key == "" {
		c.required(p.Child("key"), "")
	}
	if k.Path == "" {
		c.required(p.Child("path"), "")
	}
	c.fileName(p.Child("path"), k.Path)
	c.mode(p.Child("mode"), k.Mode)
}

// downwardFile: a file that holds a field of the pod (ADM-37).
func (c *podCheck) downwardFile(p *field.Path, f *corev1.DownwardAPIVolumeFile) {
	if f.Path == "" {
		c.required(p.Child("path"), "")
	}
	c.fileName(p.Child("path"), f.Path)
	switch {
	case f.FieldRef != nil:
		c.fieldRef(p.Child("fieldRef"), f.FieldRef, []string{"metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"})
		if f.ResourceFieldRef != nil {
			c.invalid(p, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")
		}
	case f.ResourceFieldRef != nil:
		c.resourceFieldRef(p.Child("resourceFieldRef"), f.ResourceFieldRef, true)
	default:
		c.required(p, "one of fieldRef and resourceFieldRef is required")
	}
	c.mode(p.Child("mode"), f.Mode)
}

// localPath stays below the directory it is taken in.
func (r *report) localPath(p *field.Path, name string) {
	if path.IsAbs(name) {
		r.invalid(p, name, "must be a relative path")
	}
	r.noBackstep(p, name)
}

// fileName is a localPath that the kubelet may write: names that begin with two dots are its own.
func (r *report) fileName(p *field.Path, name string) {
	r.localPath(p, name)
	if strings.HasPrefix(name, "..") && !strings.HasPrefix(name, "../") {
		r.invalid(p, name, "must not start with '..'")
	}
}

func (r *report) noBackstep(p *field.Path, name string) {
	if hasBackstep(name) {
		r.invalid(p, name, "must not contain '..'")
	}
}
