package validate

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func (c *podCheck) containers(p *field.Path) {
	if len(c.spec.Containers) == 0 {
		c.required(p, "")
		return
	}
	seen := map[string]bool{}
	for i := range c.spec.Containers {
		ctr, at := &c.spec.Containers[i], p.Index(i)
		c.container(at, ctr)
		if seen[ctr.Name] {
			c.duplicate(at.Child("name"), ctr.Name)
		}
		seen[ctr.Name] = true
		c.lifeAndProbes(at, ctr)
		c.restartRules(at, ctr, false)
	}
	c.portConflicts(p, c.spec.Containers)
}

// initContainers: those that restart always are sidecars and have what containers have; the others run once, alone.
func (c *podCheck) initContainers(p *field.Path) {
	seen := map[string]bool{}
	for _, ctr := range c.spec.Containers {
		seen[ctr.Name] = true
	}
	for i := range c.spec.InitContainers {
		ctr, at := &c.spec.InitContainers[i], p.Index(i)
		c.container(at, ctr)
		c.restartRules(at, ctr, true)
		switch {
		case seen[ctr.Name]:
			c.duplicate(at.Child("name"), ctr.Name)
		case ctr.Name != "":
			seen[ctr.Name] = true
		}
		c.portConflicts(p, c.spec.InitContainers[i:i+1])
		if ctr.RestartPolicy != nil && *ctr.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			c.lifeAndProbes(at, ctr)
			continue
		}
		const only = "may not be set for init containers without restartPolicy=Always"
		unset(c.report, at.Child("lifecycle"), ctr.Lifecycle, only)
		unset(c.report, at.Child("livenessProbe"), ctr.LivenessProbe, only)
		unset(c.report, at.Child("readinessProbe"), ctr.ReadinessProbe, only)
		unset(c.report, at.Child("startupProbe"), ctr.StartupProbe, only)
		for j, r := range ctr.ResizePolicy {
			if r.RestartPolicy == corev1.RestartContainer {
				c.invalid(at.Child("resizePolicy").Index(j).Child("restartPolicy"), r.RestartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers")
			}
		}
	}
}

// ephemeralFields are what an ephemeral container may have: it is for looking, not for serving.
var ephemeralFields = map[string]bool{
	"Name": true, "Image": true, "Command": true, "Args": true, "WorkingDir": true, "EnvFrom": true, "Env": true,
	"VolumeMounts": true, "VolumeDevices": true, "TerminationMessagePath": true, "TerminationMessagePolicy": true,
	"ImagePullPolicy": true, "SecurityContext": true, "Stdin": true, "StdinOnce": true, "TTY": true,
}

func (c *podCheck) ephemeralContainers(p *field.Path) {
	if len(c.spec.EphemeralContainers) == 0 {
		return
	}
	others, all := map[string]bool{}, map[string]bool{}
	for _, list := range [][]corev1.Container{c.spec.Containers, c.spec.InitContainers} {
		for _, ctr := range list {
			others[ctr.Name], all[ctr.Name] = true, true
		}
	}
	const never = "cannot be set for an Ephemeral Container"
	for i, e := range c.spec.EphemeralContainers {
		at := p.Index(i)
		ctr := (*corev1.Container)(&e.EphemeralContainerCommon)
		c.container(at, ctr)
		imageSpace(c.report, at, ctr.Image)
		if all[e.Name] {
			c.duplicate(at.Child("name"), e.Name)
		}
		all[e.Name] = true
		if e.TargetContainerName != "" && !others[e.TargetContainerName] {
			c.notFound(at.Child("targetContainerName"), e.TargetContainerName)
		}
		onlyFields(c.report, at, e.EphemeralContainerCommon, ephemeralFields, never)
		for j, m := range e.VolumeMounts {
			if m.SubPath != "" {
				c.forbidden(at.Child("volumeMounts").Index(j).Child("subPath"), never)
			}
			if m.SubPathExpr != "" {
				c.forbidden(at.Child("volumeMounts").Index(j).Child("subPathExpr"), never)
			}
		}
	}
}

// onlyFields reports every field of a struct that is set and not in the list.
func onlyFields(r *report, p *field.Path, value any, allowed map[string]bool, message string) {
	v := reflect.ValueOf(value)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if allowed[name] || v.Field(i).IsZero() {
			continue
		}
		letters := []rune(name)
		letters[0] = unicode.ToLower(letters[0])
		r.forbidden(p.Child(string(letters)), message)
	}
}

// container checks what all three kinds of containers share.
func (c *podCheck) container(p *field.Path, ctr *corev1.Container) {
	if ctr.Name == "" {
		c.required(p.Child("name"), "")
	} else {
		c.dnsLabel(p.Child("name"), ctr.Name)
	}
	if ctr.Image == "" {
		c.required(p.Child("image"), "")
	}
	need(c.report, p.Child("terminationMessagePolicy"), ctr.TerminationMessagePolicy, corev1.TerminationMessageReadFile, corev1.TerminationMessageFallbackToLogsOnError)
	c.ports(p.Child("ports"), ctr.Ports)
	c.env(p.Child("env"), ctr.Env)
	c.envFrom(p.Child("envFrom"), ctr.EnvFrom)
	c.mounts(p.Child("volumeMounts"), ctr)
	c.devices(p.Child("volumeDevices"), ctr)
	need(c.report, p.Child("imagePullPolicy"), ctr.ImagePullPolicy, corev1.PullAlways, corev1.PullIfNotPresent, corev1.PullNever)
	c.resources(p.Child("resources"), &ctr.Resources, containerResource)
	c.resizePolicy(p.Child("resizePolicy"), ctr.ResizePolicy)
	c.security(p.Child("securityContext"), ctr.SecurityContext)
}

func (c *podCheck) ports(p *field.Path, ports []corev1.ContainerPort) {
	seen := map[string]bool{}
	for i, port := range ports {
		at := p.Index(i)
		if port.Name != "" {
			if wrong := validation.IsValidPortName(port.Name); len(wrong) > 0 {
				c.invalids(at.Child("name"), port.Name, wrong)
			} else if seen[port.Name] {
				c.duplicate(at.Child("name"), port.Name)
			} else {
				seen[port.Name] = true
			}
		}
		if port.ContainerPort == 0 {
			c.required(at.Child("containerPort"), "")
		} else {
			c.portNumber(at.Child("containerPort"), port.ContainerPort)
		}
		if port.HostPort != 0 {
			c.portNumber(at.Child("hostPort"), port.HostPort)
		}
		need(c.report, at.Child("protocol"), port.Protocol, corev1.ProtocolSCTP, corev1.ProtocolTCP, corev1.ProtocolUDP)
	}
}

// portConflicts: one port of the host serves one container.
func (c *podCheck) portConflicts(p *field.Path, list []corev1.Container) {
	seen := map[string]bool{}
	for i, ctr := range list {
		for j, port := range ctr.Ports {
			if port.HostPort == 0 {
				continue
			}
			key := fmt.Sprintf("%s/%s/%d", port.Protocol, port.HostIP, port.HostPort)
			if seen[key] {
				c.duplicate(p.Index(i).Child("ports").Index(j).Child("hostPort"), key)
			}
			seen[key] = true
		}
	}
}

// mounts: each names a volume of the pod and has a path of its own.
func (c *podCheck) mounts(p *field.Path, ctr *corev1.Container) {
	devices, devicePaths := map[string]bool{}, map[string]bool{}
	for _, d := range ctr.VolumeDevices {
		devices[d.Name], devicePaths[d.DevicePath] = true, true
	}
	paths := map[string]bool{}
	for i, m := range ctr.VolumeMounts {
		at := p.Index(i)
		if m.Name == "" {
			c.required(at.Child("name"), "")
		}
		if _, ok := c.volumes[m.Name]; !ok {
			c.notFound(at.Child("name"), m.Name)
		}
		if m.MountPath == "" {
			c.required(at.Child("mountPath"), "")
		}
		if paths[m.MountPath] {
			c.invalid(at.Child("mountPath"), m.MountPath, "must be unique")
		}
		paths[m.MountPath] = true
		if devices[m.Name] {
			c.invalid(at.Child("name"), m.Name, "must not already exist in volumeDevices")
		}
		if devicePaths[m.MountPath] {
			c.invalid(at.Child("mountPath"), m.MountPath, "must not already exist as a path in volumeDevices")
		}
		if m.SubPath != "" {
			c.localPath(p.Child("subPath"), m.SubPath)
		}
		if m.SubPathExpr != "" {
			if m.SubPath != "" {
				c.invalid(at.Child("subPathExpr"), m.SubPathExpr, "subPathExpr and subPath are mutually exclusive")
			}
			c.localPath(p.Child("subPathExpr"), m.SubPathExpr)
		}
		c.propagation(p.Child("mountPropagation"), m.MountPropagation, ctr)
		c.recursiveReadOnly(p.Child("recursiveReadOnly"), m)
	}
}

func (c *podCheck) propagation(p *field.Path, mode *corev1.MountPropagationMode, ctr *corev1.Container) {
	if mode == nil {
		return
	}
	oneOf(c.report, p, *mode, corev1.MountPropagationBidirectional, corev1.MountPropagationHostToContainer, corev1.MountPropagationNone)
	s := ctr.SecurityContext
	privileged := s != nil && s.Privileged != nil && *s.Privileged
	if *mode == corev1.MountPropagationBidirectional && !privileged {
		c.forbidden(p, "Bidirectional mount propagation is available only to privileged containers")
	}
}

func (c *podCheck) recursiveReadOnly(p *field.Path, m corev1.VolumeMount) {
	if m.RecursiveReadOnly == nil {
		return
	}
	switch *m.RecursiveReadOnly {
	case corev1.RecursiveReadOnlyEnabled, corev1.RecursiveReadOnlyIfPossible:
	default:
		oneOf(c.report, p, *m.RecursiveReadOnly, corev1.RecursiveReadOnlyDisabled, corev1.RecursiveReadOnlyEnabled, corev1.RecursiveReadOnlyIfPossible)
		return
	}
	if !m.ReadOnly {
		c.forbidden(p, "may only be specified when readOnly is true")
	}
	if m.MountPropagation != nil && *m.MountPropagation != corev1.MountPropagationNone {
		c.forbidden(p, "may only be specified when mountPropagation is None or not specified")
	}
}

func (c *podCheck) devices(p *field.Path, ctr *corev1.Container) {
	mounts, mountPaths := map[string]bool{}, map[string]bool{}
	for _, m := range ctr.VolumeMounts {
		mounts[m.Name], mountPaths[m.MountPath] = true, true
	}
	names, paths := map[string]bool{}, map[string]bool{}
	for i, d := range ctr.VolumeDevices {
		at := p.Index(i)
		if d.Name == "" {
			c.required(at.Child("name"), "")
		}
		if names[d.Name] {
			c.invalid(at.Child("name"), d.Name, "must be unique")
		}
		source, ok := c.volumes[d.Name]
		if ok && source.PersistentVolumeClaim == nil && source.Ephemeral == nil {
			c.invalid(at.Child("name"), d.Name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode")
		}
		if !ok {
			c.notFound(at.Child("name"), d.Name)
		}
		if d.DevicePath == "" {
			c.required(at.Child("devicePath"), "")
		}
		if paths[d.DevicePath] {
			c.invalid(at.Child("devicePath"), d.DevicePath, "must be unique")
		}
		if hasBackstep(d.DevicePath) {
			c.invalid(at.Child("devicePath"), d.DevicePath, "can not contain backsteps ('..')")
		} else {
			paths[d.DevicePath] = true
		}
		if mounts[d.Name] {
			c.invalid(at.Child("name"), d.Name, "must not already exist in volumeMounts")
		}
		if mountPaths[d.DevicePath] {
			c.invalid(at.Child("devicePath"), d.DevicePath, "must not already exist as a path in volumeMounts")
		}
		names[d.Name] = d.Name != ""
	}
}

func (c *podCheck) resizePolicy(p *field.Path, list []corev1.ContainerResizePolicy) {
	seen := map[corev1.ResourceName]bool{}
	for i, r := range list {
		if seen[r.ResourceName] {
			c.duplicate(p.Index(i), r.ResourceName)
		}
		seen[r.ResourceName] = true
		need(c.report, p, r.ResourceName, corev1.ResourceCPU, corev1.ResourceMemory)
		need(c.report, p, r.RestartPolicy, corev1.NotRequired, corev1.RestartContainer)
		if c.spec.RestartPolicy == corev1.RestartPolicyNever && r.RestartPolicy != corev1.NotRequired {
			c.invalid(p, r.RestartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")
		}
	}
}

// restartRules are a container's own restart policy and the exit codes it depends on. Those of an init container without a policy are
// not looked at.
func (c *podCheck) restartRules(p *field.Path, ctr *corev1.Container, init bool) {
	if ctr.RestartPolicy == nil {
		if len(ctr.RestartPolicyRules) > 0 {
			c.required(p.Child("restartPolicy"), "must specify restartPolicy when restart rules are used")
		}
		if init {
			return
		}
	} else {
		oneOf(c.report, p.Child("restartPolicy"), *ctr.RestartPolicy,
			corev1.ContainerRestartPolicyAlways, corev1.ContainerRestartPolicyNever, corev1.ContainerRestartPolicyOnFailure)
	}
	rules := p.Child("restartPolicyRules")
	if n := len(ctr.RestartPolicyRules); n > 20 {
		c.tooMany(rules, n, 20)
	}
	for i, rule := range ctr.RestartPolicyRules {
		at := rules.Index(i)
		oneOf(c.report, at.Child("action"), rule.Action, corev1.ContainerRestartRuleActionRestart, corev1.ContainerRestartRuleActionRestartAllContainers)
		if rule.ExitCodes == nil {
			c.required(at.Child("exitCodes"), "must be specified")
			continue
		}
		oneOf(c.report, at.Child("exitCodes", "operator"), rule.ExitCodes.Operator, corev1.ContainerRestartRuleOnExitCodesOpIn, corev1.ContainerRestartRuleOnExitCodesOpNotIn)
		if n := len(rule.ExitCodes.Values); n > 255 {
			c.tooMany(at.Child("exitCodes", "values"), n, 255)
		}
	}
}

// hasBackstep says whether a path has an element "..".
func hasBackstep(path string) bool {
	for _, part := range strings.Split(path, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}
