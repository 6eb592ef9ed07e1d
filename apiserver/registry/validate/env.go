package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func (c *podCheck) env(p *field.Path, list []corev1.EnvVar) {
	for i, e := range list {
		at := p.Index(i)
		if e.Name == "" {
			c.required(at.Child("name"), "")
		} else {
			c.invalids(at.Child("name"), e.Name, validation.IsRelaxedEnvVarName(e.Name))
		}
		if e.ValueFrom != nil {
			c.valueFrom(at.Child("valueFrom"), e)
		}
	}
}

// envFields are the fields of its pod that a variable may hold.
var envFields = []string{"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
	"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"}

func (c *podCheck) valueFrom(p *field.Path, e corev1.EnvVar) {
	from, n := e.ValueFrom, 0
	if from.FieldRef != nil {
		n++
		c.fieldRef(p.Child("fieldRef"), from.FieldRef, envFields)
	}
	if from.ResourceFieldRef != nil {
		n++
		c.resourceFieldRef(p.Child("resourceFieldRef"), from.ResourceFieldRef, false)
	}
	if from.ConfigMapKeyRef != nil {
		n++
		c.keyRef(p.Child("configMapKeyRef"), from.ConfigMapKeyRef.Name, from.ConfigMapKeyRef.Key)
	}
	if from.SecretKeyRef != nil {
		n++
		c.keyRef(p.Child("secretKeyRef"), from.SecretKeyRef.Name, from.SecretKeyRef.Key)
	}
	if from.FileKeyRef != nil {
		n++
		c.fileKeyRef(p.Child("fileKeyRef"), from.FileKeyRef)
	}
	switch {
	case n == 0:
		c.invalid(p, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`")
	case e.Value != "":
		c.invalid(p, "", "may not be specified when `value` is not empty")
	case n > 1:
		c.invalid(p, "", "may not have more than one field specified at a time")
	}
}

func (c *podCheck) keyRef(p *field.Path, name, key string) {
	c.invalids(p.Child("name"), name, subdomainName(name))
	if key == "" {
		c.required(p.Child("key"), "")
		return
	}
	c.invalids(p.Child("key"), key, validation.IsConfigMapKey(key))
}

// fileKeyRef reads a variable from a file that an init container wrote.
func (c *podCheck) fileKeyRef(p *field.Path, f *corev1.FileKeySelector) {
	if f.Key == "" {
		c.required(p.Child("key"), "")
	} else {
		c.invalids(p.Child("key"), f.Key, validation.IsRelaxedEnvVarName(f.Key))
	}
	if f.VolumeName == "" {
		c.required(p.Child("volumeName"), "")
	} else {
		c.dnsLabel(p.Child("volumeName"), f.VolumeName)
	}
	if f.Path == "" {
		c.required(p.Child("path"), "")
	} else {
		c.noBackstep(p.Child("path"), f.Path)
	}
}

// fileKeyVolumes are looked up when all else of the pod has been checked, whether they are well formed or not.
func (c *podCheck) fileKeyVolumes(p *field.Path) {
	sources := map[string]corev1.VolumeSource{}
	for _, v := range c.spec.Volumes {
		sources[v.Name] = v.VolumeSource
	}
	c.eachContainer(p, func(at *field.Path, ctr *corev1.Container) {
		for i, e := range ctr.Env {
			if e.ValueFrom == nil || e.ValueFrom.FileKeyRef == nil {
				continue
			}
			name, at := e.ValueFrom.FileKeyRef.VolumeName, at.Child("env").Index(i).Child("valueFrom", "fileKeyRef", "volumeName")
			if source, ok := sources[name]; !ok {
				c.notFound(at, name)
			} else if source.EmptyDir == nil {
				c.invalid(at, name, "referenced volume must be of type emptyDir")
			}
		}
	})
}

// eachContainer visits the containers of all sorts, in the real server's order.
func (c *podCheck) eachContainer(p *field.Path, visit func(*field.Path, *corev1.Container)) {
	for i := range c.spec.InitContainers {
		visit(p.Child("initContainers").Index(i), &c.spec.InitContainers[i])
	}
	for i := range c.spec.Containers {
		visit(p.Child("containers").Index(i), &c.spec.Containers[i])
	}
	for i := range c.spec.EphemeralContainers {
		ctr := corev1.Container(c.spec.EphemeralContainers[i].EphemeralContainerCommon)
		visit(p.Child("ephemeralContainers").Index(i), &ctr)
	}
}

func (c *podCheck) envFrom(p *field.Path, list []corev1.EnvFromSource) {
	for i, e := range list {
		at := p.Index(i)
		if e.Prefix != "" {
			c.invalids(at.Child("prefix"), e.Prefix, validation.IsRelaxedEnvVarName(e.Prefix))
		}
		n := 0
		name := func(kind, name string) {
			n++
			if name == "" {
				c.required(at.Child(kind, "name"), "")
			} else {
				c.invalids(at.Child(kind, "name"), name, subdomainName(name))
			}
		}
		if e.ConfigMapRef != nil {
			name("configMapRef", e.ConfigMapRef.Name)
		}
		if e.SecretRef != nil {
			name("secretRef", e.SecretRef.Name)
		}
		switch {
		case n == 0:
			c.invalid(p, "", "must specify one of: `configMapRef` or `secretRef`")
		case n > 1:
			c.invalid(p, "", "may not have more than one field specified at a time")
		}
	}
}

// downwardLabels are the fields of a pod that have a name in the downward API at all.
var downwardLabels = append([]string{"metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName", "status.phase", "spec.host"}, envFields...)

// fieldRef checks a reference to a field of the pod; allowed are those that make sense here.
func (c *podCheck) fieldRef(p *field.Path, f *corev1.ObjectFieldSelector, allowed []string) {
	if f.APIVersion == "" {
		c.required(p.Child("apiVersion"), "")
		return
	}
	if f.FieldPath == "" {
		c.required(p.Child("fieldPath"), "")
		return
	}
	path, key, subscripted := subscript(f.FieldPath)
	var problem string
	switch {
	case f.APIVersion != "v1":
		problem = "unsupported pod version: " + f.APIVersion
	case subscripted && path != "metadata.annotations" && path != "metadata.labels":
		problem = "field label does not support subscript: " + f.FieldPath
	case !subscripted && !slices.Contains(downwardLabels, f.FieldPath):
		problem = "field label not supported: " + f.FieldPath
	}
	if problem != "" {
		c.invalid(p.Child("fieldPath"), f.FieldPath, "error converting fieldPath: "+problem)
		return
	}
	if path == "spec.host" {
		path = "spec.nodeName"
	}
	switch {
	case subscripted && path == "metadata.annotations":
		c.qualified(p, strings.ToLower(key))
	case subscripted:
		c.qualified(p, key)
	default:
		oneOf(c.report, p.Child("fieldPath"), path, allowed...)
	}
}

// subscript splits metadata.labels['key'] into path and key.
func subscript(path string) (string, string, bool) {
	body, ok := strings.CutSuffix(path, "']")
	if !ok {
		return path, "", false
	}
	head, key, ok := strings.Cut(body, "['")
	if !ok || head == "" {
		return path, "", false
	}
	return head, key, true
}

var resourceFields = []string{"limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"}

// resourceFieldRef checks a reference to a request or limit of a container; a volume must say of which.
func (c *podCheck) resourceFieldRef(p *field.Path, f *corev1.ResourceFieldSelector, volume bool) {
	huge := strings.HasPrefix(f.Resource, "requests.hugepages-") || strings.HasPrefix(f.Resource, "limits.hugepages-")
	switch {
	case volume && f.ContainerName == "":
		c.required(p.Child("containerName"), "")
	case f.Resource == "":
		c.required(p.Child("resource"), "")
	case !huge:
		oneOf(c.report, p.Child("resource"), f.Resource, resourceFields...)
	}
	if f.Divisor.IsZero() {
		return
	}
	const sizes = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"
	divisor := func(what, allowed, told string) {
		if !slices.Contains(strings.Split(allowed, ", "), text(f.Divisor)) {
			c.invalid(p.Child("divisor"), f.Resource, fmt.Sprintf("only divisor's values %s are supported with the %s resource", told, what))
		}
	}
	switch {
	case strings.HasSuffix(f.Resource, ".cpu"):
		divisor("cpu", "1m, 1", "1m and 1")
	case strings.HasSuffix(f.Resource, ".memory"):
		divisor("memory", sizes, sizes)
	case strings.HasSuffix(f.Resource, ".ephemeral-storage"):
		divisor("local ephemeral storage", sizes, sizes)
	case huge:
		divisor("hugepages", sizes, sizes)
	}
}

// text is a quantity in its canonical form, without changing the given one.
func text(q resource.Quantity) string { return q.String() }

// int32Text says whether an annotation holds a canonical 32-bit integer.
func int32Text(s string) bool {
	if s == "" || s[0] == '+' || (len(s) > 1 && s[0] == '0') {
		return false
	}
	_, err := strconv.ParseInt(s, 10, 32)
	return err == nil
}
