package kubemint

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"time"

	"github.com/kubemint/kubemint/apiserver/story"
	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/storage"
)

// Config says what a cluster is. The zero value of a field is the default that its comment names.
type Config struct {
	// DataDir holds everything that outlives a run. Empty: a temporary directory, removed at the end.
	DataDir string
	// Listen is host:port of the API server; port 0 takes a free one. Empty: 127.0.0.1:6443, or the next free port.
	Listen string
	// Nodes is how many nodes are simulated in a cluster that starts for the first time. They are named node-1, node-2 … A cluster that ran
	// before has its nodes as they were left: those missing to a number larger than ever asked for join, a smaller one takes none away.
	Nodes int
	// EmulatedVersion is the minor whose behaviour is shown, such as "1.36". Empty: 1.36.
	EmulatedVersion string
	// PodToken and AutoSecret move one axis of the era alone (ERA-6): what pods get mounted ("legacy-secret" or "projected"), and
	// whether every account gets a Secret with a token. Empty and nil: as that minor did.
	PodToken   string
	AutoSecret *bool
	// Storage is where objects are kept. Nil: a file in DataDir, or memory if Ephemeral.
	Storage storage.Store
	// Ephemeral keeps objects and keys in memory and pod directories in a temporary directory.
	Ephemeral bool

	// History is how long past revisions can be read: what continue tokens and lists at a revision go back to, in wall time. 0: five
	// minutes. Negative: for ever, which is for a Storage whose past somebody else looks after.
	History time.Duration

	// TokenAuthFile is a CSV file of static tokens: token,user,uid,"group,group".
	TokenAuthFile string
	// ServiceAccountIssuers are accepted in tokens; the first one signs. Empty: https://kubernetes.default.svc.cluster.local.
	ServiceAccountIssuers []string
	// APIAudiences name the API server. Empty: the issuers.
	APIAudiences []string
	// ServiceAccountKeyFiles hold further keys that verify tokens.
	ServiceAccountKeyFiles []string
	// ServiceAccountSigningKeyFile holds the key that signs. Empty: pki/sa.key, made if missing.
	ServiceAccountSigningKeyFile string
	// SigningAlgorithm is that of a key that is made: ES256 or RS256. Empty: ES256.
	SigningAlgorithm string
	// ServiceAccountMaxTokenExpiration caps requested lives. 0: no cap.
	ServiceAccountMaxTokenExpiration time.Duration
	// ServiceAccountExtendTokenExpiration makes the standard mount's tokens last a year (TOK-6). Nil: true.
	ServiceAccountExtendTokenExpiration *bool

	// ContainerProcesses is how many containers, of all nodes together, may run their scripts in a process of their own; those beyond it
	// share one of their node. 0: shell.DefaultChildren.
	ContainerProcesses int

	// AuditLogPath is a file to which an audit.k8s.io/v1 event is appended for each request; "-" is the standard output. Empty: none.
	AuditLogPath string

	// Kubectl prepares the kubectl of containers: it runs in dir and reaches the API server, which listens at address, with the access of
	// the container that asked for it (internal/kubectl.Confined). Nil: containers have no kubectl, and the program does not link it.
	Kubectl func(ctx context.Context, dir, address string, access kubeconfig.Access, args []string) (*exec.Cmd, error)

	// Log hears of what goes wrong inside. Nil: nobody.
	Log *slog.Logger
	// OnRequest is told of each request of people and pods, as it ends. It must be quick.
	OnRequest func(*story.Record)
	// Start is the cluster's time at its very first start. Zero: now.
	Start time.Time
}

// defaultIssuer is that of clusters made by kubeadm.
const defaultIssuer = "https://kubernetes.default.svc.cluster.local"

// DefaultListen is where a cluster listens if nobody says otherwise.
const DefaultListen = "127.0.0.1:6443"

// resolved is a Config with its defaults filled in and checked.
type resolved struct {
	Config
	era     era.Era
	options token.Options
	moves   bool // the port may be another one
	temp    bool // DataDir is ours to remove
}

func resolve(c Config) (*resolved, error) {
	r := &resolved{Config: c}
	var err error
	if r.era, err = era.Parse(cmp.Or(c.EmulatedVersion, "1.36")); err != nil {
		return nil, err
	}
	if c.PodToken != "" {
		if r.era, err = r.era.WithPodToken(era.PodToken(c.PodToken)); err != nil {
			return nil, err
		}
	}
	if c.AutoSecret != nil {
		r.era = r.era.WithAutoSecret(*c.AutoSecret)
	}
	if c.Nodes < 0 {
		return nil, fmt.Errorf("a cluster cannot have %d nodes", c.Nodes)
	}
	if c.ContainerProcesses < 0 {
		return nil, fmt.Errorf("containers cannot have %d processes", c.ContainerProcesses)
	}
	if r.Listen == "" {
		r.Listen, r.moves = DefaultListen, true
	}
	if _, _, err := net.SplitHostPort(r.Listen); err != nil {
		return nil, fmt.Errorf("listen address %q: %w", r.Listen, err)
	}
	if len(r.ServiceAccountIssuers) == 0 {
		r.ServiceAccountIssuers = []string{defaultIssuer}
	}
	if err := token.CheckIssuers(r.ServiceAccountIssuers); err != nil {
		return nil, err
	}
	r.options = token.Options{APIAudiences: c.APIAudiences, MaxSeconds: int64(c.ServiceAccountMaxTokenExpiration / time.Second)}
	if len(r.options.APIAudiences) == 0 {
		r.options.APIAudiences = r.ServiceAccountIssuers
	}
	if e := c.ServiceAccountExtendTokenExpiration; e != nil && !*e {
		r.options.KeepMounted = true
	}
	if cap := c.ServiceAccountMaxTokenExpiration; cap != 0 && (cap < time.Hour || cap > (1<<32)*time.Second) {
		return nil, errors.New("the service account's maximum token expiration must be between 1h and 2^32 seconds")
	}
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.DataDir == "" || r.Ephemeral && c.DataDir == "" {
		if r.DataDir, err = os.MkdirTemp("", "kubemint-"); err != nil {
			return nil, fmt.Errorf("make a temporary data directory: %w", err)
		}
		r.temp = true
		return r, nil
	}
	if err := os.MkdirAll(r.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	return r, nil
}
