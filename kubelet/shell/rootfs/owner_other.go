//go:build !unix

package rootfs

func noOwner() any { return nil }
