package validate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// user and group check numbers of users and groups.
func (r *report) user(p *field.Path, id *int64) {
	if id != nil {
		r.invalids(p, *id, validation.IsValidUserID(*id))
	}
}

func (r *report) group(p *field.Path, id *int64) {
	if id != nil {
		r.invalids(p, *id, validation.IsValidGroupID(*id))
	}
}

const sysctlSegment = `[a-z0-9]([-_a-z0-9]*[a-z0-9])?`

var sysctlName = regexp.MustCompile(`^(` + sysctlSegment + `[\./])*` + sysctlSegment + `$`)

func (c *podCheck) podSecurity(p *field.Path) {
	s := c.spec.SecurityContext
	if s == nil {
		return
	}
	c.group(p.Child("fsGroup"), s.FSGroup)
	c.user(p.Child("runAsUser"), s.RunAsUser)
	c.group(p.Child("runAsGroup"), s.RunAsGroup)
	for i, g := range s.SupplementalGroups {
		c.invalids(p.Child("supplementalGroups").Index(i), g, validation.IsValidGroupID(g))
	}
	if share := c.spec.ShareProcessNamespace; share != nil && *share && c.spec.HostPID {
		c.invalid(p.Child("shareProcessNamespace"), *share, "ShareProcessNamespace and HostPID cannot both be enabled")
	}
	c.sysctls(p.Child("sysctls"), s.Sysctls)
	if f := s.FSGroupChangePolicy; f != nil {
		oneOf(c.report, p.Child("fsGroupChangePolicy"), *f, corev1.FSGroupChangeAlways, corev1.FSGroupChangeOnRootMismatch)
	}
	c.seccomp(p.Child("seccompProfile"), s.SeccompProfile)
	c.windowsOptions(p.Child("windowsOptions"), s.WindowsOptions)
	c.appArmor(p.Child("appArmorProfile"), s.AppArmorProfile)
	if g := s.SupplementalGroupsPolicy; g != nil {
		oneOf(c.report, p.Child("supplementalGroupsPolicy"), *g, corev1.SupplementalGroupsPolicyMerge, corev1.SupplementalGroupsPolicyStrict)
	}
	if l := s.SELinuxChangePolicy; l != nil {
		oneOf(c.report, p.Child("seLinuxChangePolicy"), *l, corev1.SELinuxChangePolicyRecursive) // the other one is behind a gate that is shut
	}
}

// sysctls: well formed, each once, and none of a namespace that is the host's.
func (c *podCheck) sysctls(p *field.Path, list []corev1.Sysctl) {
	seen := map[string]bool{}
	for i, s := range list {
		at := p.Index(i).Child("name")
		name := strings.ReplaceAll(s.Name, "/", ".")
		switch {
		case s.Name == "":
			c.required(at, "")
		case len(s.Name) > 253 || !sysctlName.MatchString(s.Name):
			c.invalid(at, s.Name, fmt.Sprintf("must have at most %d characters and match regex %s", 253, sysctlName))
		case seen[s.Name]:
			c.duplicate(at, s.Name)
		}
		seen[s.Name] = true
		ipc := strings.HasPrefix(name, "kernel.shm") || strings.HasPrefix(name, "kernel.msg") || strings.HasPrefix(name, "fs.mqueue.") || name == "kernel.sem"
		switch {
		case c.spec.HostNetwork && strings.HasPrefix(name, "net."):
			c.invalid(at, s.Name, "may not be specified when 'hostNetwork' is true")
		case c.spec.HostIPC && ipc:
			c.invalid(at, s.Name, "may not be specified when 'hostIPC' is true")
		}
	}
}

// security checks the context of one container.
func (c *podCheck) security(p *field.Path, s *corev1.SecurityContext) {
	if s == nil {
		return
	}
	c.user(p.Child("runAsUser"), s.RunAsUser)
	c.group(p.Child("runAsGroup"), s.RunAsGroup)
	if m := s.ProcMount; m != nil {
		oneOf(c.report, p.Child("procMount"), *m, corev1.DefaultProcMount, corev1.UnmaskedProcMount)
		if *m == corev1.UnmaskedProcMount && (c.spec.HostUsers == nil || *c.spec.HostUsers) {
			c.invalid(p.Child("procMount"), *m, "`hostUsers` must be false to use `Unmasked`")
		}
	}
	c.seccomp(p.Child("seccompProfile"), s.SeccompProfile)
	if a := s.AllowPrivilegeEscalation; a != nil && !*a {
		if s.Privileged != nil && *s.Privileged {
			c.invalid(p, inner{s}, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
		}
		if s.Capabilities != nil && slices.Contains(s.Capabilities.Add, "CAP_SYS_ADMIN") {
			c.invalid(p, inner{s}, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN")
		}
	}
	c.windowsOptions(p.Child("windowsOptions"), s.WindowsOptions)
	c.appArmor(p.Child("appArmorProfile"), s.AppArmorProfile)
}

func (c *podCheck) seccomp(p *field.Path, s *corev1.SeccompProfile) {
	if s == nil {
		return
	}
	if s.Type == "" {
		c.required(p.Child("type"), "type is required when seccompProfile is set")
	} else {
		oneOf(c.report, p.Child("type"), s.Type, corev1.SeccompProfileTypeLocalhost, corev1.SeccompProfileTypeRuntimeDefault, corev1.SeccompProfileTypeUnconfined)
	}
	at := p.Child("localhostProfile")
	switch {
	case s.Type == corev1.SeccompProfileTypeLocalhost && s.LocalhostProfile == nil:
		c.required(at, "must be set when seccomp type is Localhost")
	case s.Type == corev1.SeccompProfileTypeLocalhost:
		c.localPath(at, *s.LocalhostProfile)
	case s.LocalhostProfile != nil:
		c.invalid(at, inner{s}, "can only be set when seccomp type is Localhost")
	}
}

func (c *podCheck) appArmor(p *field.Path, a *corev1.AppArmorProfile) {
	if a == nil {
		return
	}
	at := p.Child("localhostProfile")
	switch a.Type {
	case corev1.AppArmorProfileTypeLocalhost:
		switch {
		case a.LocalhostProfile == nil || *a.LocalhostProfile == "":
			c.required(at, "must be set when AppArmor type is Localhost")
		case strings.TrimSpace(*a.LocalhostProfile) != *a.LocalhostProfile:
			c.invalid(at, *a.LocalhostProfile, "must not be padded with whitespace")
		case len(*a.LocalhostProfile) > 4095:
			c.tooLong(at, 4095)
		}
	case corev1.AppArmorProfileTypeRuntimeDefault, corev1.AppArmorProfileTypeUnconfined:
		if a.LocalhostProfile != nil {
			c.invalid(at, a.LocalhostProfile, "can only be set when AppArmor type is Localhost")
		}
	case "":
		c.required(p.Child("type"), "type is required when appArmorProfile is set")
	default:
		oneOf(c.report, p.Child("type"), a.Type, corev1.AppArmorProfileTypeLocalhost, corev1.AppArmorProfileTypeRuntimeDefault, corev1.AppArmorProfileTypeUnconfined)
	}
}
