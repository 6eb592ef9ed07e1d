package rest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// continuation is what a continue token holds (API-116).
type continuation struct {
	Version string `json:"v"`
	// Revision is that of the whole list; -1 goes on with what there is now.
	Revision int64 `json:"rv"`
	// Start is the last key that was answered, below the collection, and a zero byte.
	Start string `json:"start"`
}

// typeNames puts a real server's names in the place of ours: the decoder's errors show them.
var typeNames = strings.NewReplacer("rest.continuation", "storage.continueToken", "field continuation.", "field continueToken.",
	"rest.operation", "handlers.jsonPatchOp", "field operation.", "field jsonPatchOp.")

const tokenVersion = "meta.k8s.io/v1"

func (c continuation) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// resume is the token to go on behind a key, below the collection.
func resume(last string, revision int64) string {
	return continuation{Version: tokenVersion, Revision: revision, Start: last + "\x00"}.String()
}

// parseContinue returns the revision of the list, or -1, and the first key that is still to be answered.
func parseContinue(token string) (revision int64, from string, err error) {
	c, err := decodeContinue(token)
	if err != nil {
		return 0, "", apierrors.NewBadRequest(fmt.Sprintf("invalid continue token: %v", err))
	}
	return c.Revision, strings.TrimPrefix(c.Start, "/"), nil
}

// decodeContinue reads a token that may come from anywhere.
func decodeContinue(token string) (c continuation, err error) {
	const invalid = "continue key is not valid"
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return c, fmt.Errorf("%s: %w", invalid, err)
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("%s: %s", invalid, typeNames.Replace(err.Error()))
	}
	switch {
	case c.Version != tokenVersion:
		return c, fmt.Errorf("%s: server does not recognize this encoded version %v", invalid, c.Version)
	case c.Revision == 0:
		return c, fmt.Errorf("%s: incorrect encoded start resourceVersion (version %s)", invalid, tokenVersion)
	case c.Start == "":
		return c, fmt.Errorf("%s: encoded start key empty (version %s)", invalid, tokenVersion)
	}
	// Nobody leaves the collection by its token.
	if key := "/" + strings.TrimPrefix(c.Start, "/"); path.Clean(key) != key {
		return c, fmt.Errorf("%s: %v", invalid, c.Start)
	}
	return c, nil
}
