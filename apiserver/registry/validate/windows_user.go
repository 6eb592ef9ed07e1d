package validate

import (
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// What the name of a Windows user is made of.
var (
	controlCharacter = regexp.MustCompile(`[[:cntrl:]]+`)
	netBIOSName      = regexp.MustCompile(`^[^\\/:\*\?"<>|\.][^\\/:\*\?"<>|]{0,14}$`)
	windowsDomain    = regexp.MustCompile(`^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$`)
	windowsUserBad   = regexp.MustCompile(`["/\\:;|=,\+\*\?<>@\[\]]`)
	dotsAndSpaces    = regexp.MustCompile(`^[\. ]+$`)
)

const mostCredentialSpecBytes = 64 << 10

// windowsOptions checks what is for Windows nodes alone.
func (c *podCheck) windowsOptions(p *field.Path, o *corev1.WindowsSecurityContextOptions) {
	if o == nil {
		return
	}
	if n := o.GMSACredentialSpecName; n != nil {
		c.invalids(p.Child("gmsaCredentialSpecName"), *n, validation.IsDNS1123Subdomain(*n))
	}
	if s := o.GMSACredentialSpec; s != nil {
		switch at := p.Child("gmsaCredentialSpec"); {
		case *s == "":
			c.invalid(at, *s, "gmsaCredentialSpec cannot be an empty string")
		case len(*s) > mostCredentialSpecBytes:
			c.invalid(at, *s, "gmsaCredentialSpec size must be under 64 KiB")
		}
	}
	if n := o.RunAsUserName; n != nil {
		c.windowsUser(p.Child("runAsUserName"), *n)
	}
}

// hostProcesses are containers of Windows that run on the host itself: all of a pod or none, and in the host's network.
func (c *podCheck) hostProcesses(p *field.Path) {
	var whole *bool
	if s := c.spec.SecurityContext; s != nil && s.WindowsOptions != nil {
		whole = s.WindowsOptions.HostProcess
	}
	all, host := 0, 0
	c.eachContainer(p, func(at *field.Path, ctr *corev1.Container) {
		all++
		own := whole
		if s := ctr.SecurityContext; s != nil && s.WindowsOptions != nil && s.WindowsOptions.HostProcess != nil {
			if own = s.WindowsOptions.HostProcess; whole != nil && *whole != *own {
				c.invalid(at.Child("securityContext", "windowsOptions", "hostProcess"), *own, fmt.Sprintf("pod hostProcess value must be identical if both are specified, was %v", *whole))
			}
		}
		if own != nil && *own {
			host++
		}
	})
	if host > 0 && host != all {
		c.invalid(p, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers")
	}
	if host > 0 && !c.spec.HostNetwork {
		c.invalid(p.Child("hostNetwork"), false, "hostNetwork must be true if pod contains any hostProcess containers")
	}
}

// windowsUser checks USER or DOMAIN\USER.
func (c *podCheck) windowsUser(p *field.Path, name string) {
	parts := strings.Split(name, `\`)
	switch {
	case name == "":
		c.invalid(p, name, "runAsUserName cannot be an empty string")
		return
	case controlCharacter.MatchString(name):
		c.invalid(p, name, "runAsUserName cannot contain control characters")
		return
	case len(parts) > 2:
		c.invalid(p, name, "runAsUserName cannot contain more than one backslash")
		return
	}
	user := parts[len(parts)-1]
	if len(parts) == 2 {
		domain := parts[0]
		if len(domain) >= 256 {
			c.invalid(p, name, "runAsUserName's Domain length must be under 256 characters")
		}
		if !netBIOSName.MatchString(domain) && !windowsDomain.MatchString(domain) {
			c.invalid(p, name, "runAsUserName's Domain doesn't match the NetBios nor the DNS format")
		}
	}
	if user == "" {
		c.invalid(p, name, "runAsUserName's User cannot be empty")
	} else if len(user) > 104 {
		c.invalid(p, name, "runAsUserName's User length must not be longer than 104 characters")
	}
	if dotsAndSpaces.MatchString(user) {
		c.invalid(p, name, "runAsUserName's User cannot contain only periods or spaces")
	}
	if windowsUserBad.MatchString(user) {
		c.invalid(p, name, `runAsUserName's User cannot contain the following characters: "/\:;|=,+*?<>@[]`)
	}
}
