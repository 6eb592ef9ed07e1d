package panel

import (
	"net/http"

	"github.com/kubemint/kubemint/internal/vault"
)

// vault passes a request on to the vault. Who may come here runs the vault: a request without a token of its own may do everything.
func (p *panel) vault(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodPost); err != nil {
		return nil, err
	}
	var q vault.Request
	if err := readJSON(w, r, &q); err != nil {
		return nil, err
	}
	return p.Vault.Operate(r.Context(), q), nil
}
