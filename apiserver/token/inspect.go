package token

// Inspect is written below.
func (v *Verifier) Inspect(raw string, wanted []string) {}
