package kubemint

import (
	"net/http"
)

// tokenQuestion is a token to explain, in any shape that people paste, and the audiences to judge it for (none: the API's own).
type tokenQuestion struct {
	Token     string   `json:"token"`
	Audiences []string `json:"audiences"`
}

// ownTokens explains a token. The answer holds codes and facts and never the token.
func (c *Cluster) ownTokens(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodPost); err != nil {
		return nil, err
	}
	var q tokenQuestion
	if err := readJSON(w, r, &q); err != nil {
		return nil, err
	}
	return c.server.Authn.Inspect(r.Context(), []byte(q.Token), q.Audiences), nil
}
