package pidfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestOneOwnerAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubemint.pid")
	if _, held, err := Owner(path); held || err != nil {
		t.Fatalf("a missing file is held: %v, %v", held, err)
	}
	first, err := Take(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Take(path); !errors.As(err, &InUse{}) {
		t.Errorf("a second Take() = %v, want InUse", err)
	}
	if pid, held, err := Owner(path); pid != os.Getpid() || !held || err != nil {
		t.Errorf("Owner() = %d, %v, %v", pid, held, err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	if _, held, err := Owner(path); held || err != nil {
		t.Errorf("held after Release: %v, %v", held, err)
	}
	again, err := Take(path)
	if err != nil {
		t.Fatalf("Take() after Release: %v", err)
	}
	again.Release()
}

// A number that a crash left behind is not an owner.
func TestStaleNumberIsNoOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubemint.pid")
	if err := os.WriteFile(path, []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if pid, held, err := Owner(path); held || err != nil {
		t.Errorf("Owner() = %d, %v, %v, want not held", pid, held, err)
	}
}
