package tools

import (
	"context"
	"crypto/md5"  //nolint:gosec // the program of that name
	"crypto/sha1" //nolint:gosec // the program of that name
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// digest is md5sum and its like.
func digest(_ context.Context, c *Call) int {
	_, names, err := options(c.Args, "bt", nil)
	if err != nil {
		return c.usage(err)
	}
	sums := map[string]func() hash.Hash{"md5sum": md5.New, "sha1sum": sha1.New, "sha256sum": sha256.New, "sha512sum": sha512.New}
	return c.inputs(names, func(name string, r io.Reader) error {
		h := sums[c.name()]()
		if _, err := io.Copy(h, r); err != nil {
			return err
		}
		_, err := fmt.Fprintf(c.Out, "%s  %s\n", hex.EncodeToString(h.Sum(nil)), name)
		return err
	})
}
