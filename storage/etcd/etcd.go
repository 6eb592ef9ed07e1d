package etcd

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"github.com/kubemint/kubemint/storage"
)

// Options of Open.
type Options struct {
	Endpoints []string // URLs of the cluster's members
	TLS       *tls.Config
	Username  string // with Password, if etcd asks for them
	Password  string

	// Prefix is what every key of this store begins with in etcd; "" is
	// "/kubemint". Stores with prefixes that do not begin with one another
	// do not see each other.
	Prefix string
	// Timeout is how long, in wall time, a request may take, and how long
	// Open waits for the first answer; 0 is 10 s.
	Timeout time.Duration
	// Compact lets Compact compact the etcd itself, and with it the past of
	// everything else that is stored there.
	Compact bool
}

// maxMessage is the size in bytes of the largest message sent; etcd has its own
// limit, which is lower.
const maxMessage = storage.MaxValue + storage.MaxKey + 64<<10

// Store implements storage.Store.
type Store struct {
	client  *clientv3.Client
	prefix  string
	timeout time.Duration
	compact bool

	ctx   context.Context // ends with Close
	close context.CancelFunc

	mu        sync.Mutex
	closed    bool
	compacted int64           // what this store refuses to show
	places    map[*int64]bool // up to where readers of the past have read
	calls     sync.WaitGroup
}

// Open connects to an etcd cluster and returns when it has answered.
func Open(ctx context.Context, o Options) (*Store, error) {
	s, err := open(ctx, o)
	return s, storage.Wrap("open", strings.Join(o.Endpoints, ","), err)
}

func open(ctx context.Context, o Options) (*Store, error) {
	if o.Prefix == "" {
		o.Prefix = "/kubemint"
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if strings.Trim(o.Prefix, "\xff") == "" {
		return nil, errors.New("nothing is greater than the prefix, so no range can end behind it")
	}
	client, err := clientv3.New(clientv3.Config{
		Endpoints:          o.Endpoints,
		TLS:                o.TLS,
		Username:           o.Username,
		Password:           o.Password,
		DialTimeout:        o.Timeout,
		MaxCallSendMsgSize: maxMessage,
		Logger:             zap.NewNop(), // what matters arrives as an error
	})
	if err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	s := &Store{
		client:  client,
		prefix:  o.Prefix,
		timeout: o.Timeout,
		compact: o.Compact,
		ctx:     life,
		close:   end,
		places:  map[*int64]bool{},
	}
	if _, err := s.Revision(ctx); err != nil {
		return nil, errors.Join(errors.Unwrap(err), s.Close())
	}
	return s, nil
}

// Close implements storage.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	s.close() // reads and watches
	s.calls.Wait()
	return storage.Wrap("close", "", s.client.Close())
}

// begin lets Close wait for a call, until the call's end.
func (s *Store) begin(ctx context.Context) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, storage.ErrClosed
	}
	s.calls.Add(1)
	return s.calls.Done, nil
}

// reading returns a context for a read: it ends with the caller's, with the
// store, or when the read takes too long.
func (s *Store) reading(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// failure makes an error of etcd one of the contract. ctx is the caller's.
func (s *Store) failure(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case s.ctx.Err() != nil:
		return storage.ErrClosed
	case errors.Is(err, rpctypes.ErrCompacted):
		return storage.ErrCompacted
	case errors.Is(err, rpctypes.ErrFutureRev):
		return storage.ErrFuture
	}
	return err
}

// Revision implements storage.Store.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	revision, err := s.now(ctx)
	return revision, storage.Wrap("revision", "", err)
}

func (s *Store) now(ctx context.Context) (int64, error) {
	response, err := s.read(ctx, s.prefix, clientv3.WithCountOnly())
	if err != nil {
		return 0, err
	}
	return response.Header.Revision, nil
}

// read is one linearizable read of etcd.
func (s *Store) read(ctx context.Context, key string, options ...clientv3.OpOption) (*clientv3.GetResponse, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	limited, cancel := s.reading(ctx)
	defer cancel()
	response, err := s.client.Get(limited, key, options...)
	return response, s.failure(ctx, err)
}

// Get implements storage.Store.
func (s *Store) Get(ctx context.Context, key string) (storage.Entry, error) {
	e, err := s.get(ctx, key)
	return e, storage.Wrap("get", key, err)
}

func (s *Store) get(ctx context.Context, key string) (storage.Entry, error) {
	if err := storage.CheckKey(key); err != nil {
		return storage.Entry{}, err
	}
	response, err := s.read(ctx, s.prefix+key)
	if err != nil {
		return storage.Entry{}, err
	}
	if len(response.Kvs) == 0 {
		return storage.Entry{}, storage.ErrNotFound
	}
	return s.entry(response.Kvs[0]), nil
}
