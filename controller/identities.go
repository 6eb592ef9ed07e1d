package controller

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	utilclock "k8s.io/utils/clock"

	"github.com/kubemint/kubemint/internal/client"
)

// Identities hands each loop the clients of its own account, made when they are first asked for.
type Identities struct {
	own   *rest.Config
	base  http.RoundTripper
	clock utilclock.PassiveClock
	agent string

	mu       sync.Mutex
	accounts map[string]*identity
}

type identity struct {
	account *client.Account // nil for system:kube-controller-manager itself
	client  kubernetes.Interface
	meta    metadata.Interface
}

// NewIdentities prepares clients: own is the configuration of system:kube-controller-manager, which may create
// ServiceAccounts and their tokens; base carries the requests of the accounts and must show no client certificate;
// version is what the clients call themselves, such as "v1.36.2".
func NewIdentities(own *rest.Config, base http.RoundTripper, clock utilclock.PassiveClock, version string) (*Identities, error) {
	ids := &Identities{base: base, clock: clock, accounts: map[string]*identity{}}
	// The word before the slash becomes the manager of the fields a loop sets.
	ids.agent = fmt.Sprintf("kube-controller-manager/%s (%s/%s) kubemint", version, runtime.GOOS, runtime.GOARCH)
	ids.own = rest.CopyConfig(own)
	ids.own.UserAgent = ids.agent
	root, err := newIdentity(ids.own, nil)
	if err != nil {
		return nil, fmt.Errorf("client of system:kube-controller-manager: %w", err)
	}
	ids.accounts[""] = root
	return ids, nil
}

func newIdentity(cfg *rest.Config, account *client.Account) (*identity, error) {
	c, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return nil, err
	}
	m, err := metadata.NewForConfig(cfg)
	if err != nil {
		return nil, err
	}
	return &identity{account: account, client: c, meta: thinMetadata{m, c.CoreV1().RESTClient()}}, nil
}

func (ids *Identities) get(account string) *identity {
	ids.mu.Lock()
	defer ids.mu.Unlock()
	if id := ids.accounts[account]; id != nil {
		return id
	}
	a := client.NewAccount(client.AccountConfig{Client: ids.accounts[""].client, Base: ids.base, Clock: ids.clock, Name: account})
	cfg := client.Over(a)
	cfg.UserAgent = ids.agent + "/system:serviceaccount:kube-system:" + account
	id, err := newIdentity(cfg, a)
	if err != nil {
		panic(fmt.Sprintf("controller: a configuration without any option is refused: %v", err))
	}
	ids.accounts[account] = id
	return id
}

// Client returns the client of an account in kube-system; "" is system:kube-controller-manager itself.
func (ids *Identities) Client(account string) kubernetes.Interface { return ids.get(account).client }

// Metadata returns the metadata client of an account. Its watches tell what ownership is about, and nothing else.
func (ids *Identities) Metadata(account string) metadata.Interface { return ids.get(account).meta }

// Ensure makes the accounts of all loops that were asked for so far (SA-17): a loop with nothing to do has one too.
func (ids *Identities) Ensure(ctx context.Context) error {
	ids.mu.Lock()
	var all []*client.Account
	for _, id := range ids.accounts {
		if id.account != nil {
			all = append(all, id.account)
		}
	}
	ids.mu.Unlock()
	errs := make(chan error, len(all))
	for _, a := range all {
		go func() { errs <- a.Ensure(ctx) }()
	}
	var first error
	for range all {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}
