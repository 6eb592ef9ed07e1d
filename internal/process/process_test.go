package process

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// The test binary is its own child: it waits to be stopped.
func TestMain(m *testing.M) {
	if os.Getenv("KUBEMINT_TEST_WAIT") != "" {
		time.Sleep(time.Minute) // ended by Stop
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestADetachedChildEndsWhenAsked(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self)
	child.Env = append(os.Environ(), "KUBEMINT_TEST_WAIT=1")
	Detach(child)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if err := Stop(child.Process); err != nil {
		t.Fatalf("Stop() = %v", err)
	}
	if err := child.Wait(); err == nil {
		t.Error("the child ended on its own")
	}
}
