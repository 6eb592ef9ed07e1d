package shell

import (
	"errors"
	"io"
	"net"
	"testing"
)

// broken is a stream that ends as HTTP/2 says it.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
func (broken) Close() error               { return nil }

func TestTunnelKeepsTheErrorsOfItsStreamToItself(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ of, want error }{
		{io.EOF, io.EOF},
		{errors.New("stream error: stream ID 5; CANCEL"), net.ErrClosed},
	} {
		if _, err := newTunnel(broken{tc.of}, io.Discard, nil).Read(make([]byte, 1)); err != tc.want {
			t.Errorf("%v became %v, want %v", tc.of, err, tc.want)
		}
	}
}
