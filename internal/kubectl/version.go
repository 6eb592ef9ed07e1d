package kubectl

import (
	"sync/atomic"

	_ "unsafe" // for go:linkname
)

// Version is the release of kubectl that is embedded: the k8s.io modules at
// v0.37.2 are the sources of Kubernetes v1.37.2.
const Version = "v1.37.2"

//go:linkname dynamicGitVersion k8s.io/component-base/version.dynamicGitVersion
var dynamicGitVersion atomic.Value
