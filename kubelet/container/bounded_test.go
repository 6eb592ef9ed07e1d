package container

import (
	"fmt"
	"testing"
)

func TestBoundedKeepsTheBeginning(t *testing.T) {
	t.Parallel()
	b := &Bounded{Max: 10}
	for _, s := range []string{"12345", "67", "8901234", "never seen"} {
		if n, err := fmt.Fprint(b, s); n != len(s) || err != nil {
			t.Errorf("%q: %d, %v", s, n, err)
		}
	}
	if got := b.String(); got != "1234567890" {
		t.Errorf("kept %q", got)
	}
}
