package kubemint

import (
	"crypto"
	"fmt"
	"os"
	"slices"

	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/pki"
)

// openKeys opens the keys that sign and verify tokens. With a signing key of its own (pki/sa.key) the cluster can rotate it, and what
// was rotated stays so after a restart. A signing key given by a flag is the administrator's: it signs, and exactly the keys given
// beside it verify (JWT-20), or its own if none is. A real server also starts if its own is not among them, and then refuses every token
// it signs, those of the controllers included; that is an error here.
func (c *Cluster) openKeys() (*token.KeySet, error) {
	var more []crypto.PublicKey
	for _, f := range c.cfg.ServiceAccountKeyFiles {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("service account key file: %w", err)
		}
		keys, err := pki.ParsePublicKeys(data)
		if err != nil {
			return nil, fmt.Errorf("service account key file %s: %w", f, err)
		}
		more = append(more, keys...)
	}
	var err error
	if path := c.cfg.ServiceAccountSigningKeyFile; path != "" {
		var signer crypto.Signer
		if signer, err = pki.LoadPrivateKey(path); err != nil {
			return nil, err
		}
		if c.keys, err = token.NewKeySet(signer, more...); err != nil {
			return nil, err
		}
		if !slices.Contains(c.keys.Verifying(), c.keys.Signing()) {
			return nil, fmt.Errorf("the key in %s signs, but no service account key file holds it: its tokens would be refused", path)
		}
		return c.keys, nil
	}
	if c.ring, err = token.OpenRing(c.path("pki", "sa.key"), c.cfg.SigningAlgorithm, c.clock.Now(), more...); err != nil {
		return nil, err
	}
	c.keys = c.ring.KeySet
	return c.keys, nil
}
