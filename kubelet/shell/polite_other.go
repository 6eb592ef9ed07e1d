//go:build !unix

package shell

import "os"

// polite has nothing to do here.
func polite(*os.Process) {}
