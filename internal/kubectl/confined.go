package kubectl

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/kubemint/kubemint/internal/kubeconfig"
)

// Variables of a process that [Confined] started.
const (
	wayVariable   = "KUBEMINT_WAY"   // where the API server really is: host:port
	namesVariable = "KUBEMINT_NAMES" // the host:ports it is known by inside, with commas between
)

// names are what the API server is called inside of every container, beside the address in the environment.
var names = []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}

// Confined prepares to run kubectl for somebody inside of a simulated container, in a process of its
// own that is this program again. Its environment is empty but for what is needed here, its files are
// below dir (which is the caller's to remove), and whatever host it calls, it reaches nothing but the API
// server at address, by the names that a container knows that by. A zero access is that of a program
// without any configuration. Whoever calls it answers for args: they may name no file of the host, see
// kubelet/shell/podctl. Streams are the caller's to set.
func Confined(ctx context.Context, dir, address string, access kubeconfig.Access, args []string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "config")
	known := make([]string, 0, len(names)+1)
	for _, n := range names {
		known = append(known, n+":443")
	}
	if access.Server != "" {
		known = append(known, strings.TrimPrefix(access.Server, "https://"))
		err = access.Write(config)
	} else {
		err = os.WriteFile(config, nil, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("kubectl for a container: %w", err)
	}
	if host, port, err := net.SplitHostPort(address); err == nil {
		if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
			address = net.JoinHostPort("localhost", port)
		}
	}
	command := exec.CommandContext(ctx, self, args...)
	command.Dir = dir
	command.Env = []string{
		childVariable + "=" + confinedChild, wayVariable + "=" + address, namesVariable + "=" + strings.Join(known, ","),
		// Relative to dir: kubectl prints such paths, and where dir is on the host is nobody's business inside.
		"KUBECONFIG=config", "KUBECACHEDIR=cache", "KUBECTL_KUBERC=false", "HOME=.", "GOMAXPROCS=1",
	}
	if runtime.GOOS == "windows" {
		command.Env = append(command.Env, "USERPROFILE="+dir, "SYSTEMROOT="+os.Getenv("SYSTEMROOT"))
	}
	return command, nil
}

// confinedChild marks a process that [Confined] started.
const confinedChild = "kubectl-in-pod"

// dialer connects to the API server and to nothing else.
func dialer(way, known string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		for name := range strings.SplitSeq(known, ",") {
			if address == name {
				var d net.Dialer
				return d.DialContext(ctx, "tcp", way)
			}
		}
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if host == "localhost" || net.ParseIP(host) != nil {
			return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
		}
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
	}
}
