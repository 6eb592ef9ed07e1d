package stream

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/request"
)

// Config says how nodes are reached.
type Config struct {
	// Dial connects to the node of this name. Nil: no node can be reached. No connection and no error: the node is not one of this
	// process, and is reached by TCP at the address that its object gives.
	Dial func(ctx context.Context, node string) (net.Conn, error)
	// TLS trusts the nodes' certificates and shows the API server's own; each node is asked for its name.
	TLS *tls.Config
	Pod func(namespace, name string) (*corev1.Pod, error)
	// Permit asks for a second permission: opening a WebSocket needs the right to create, too (SPEC-3).
	Permit func(context.Context, *request.User, *request.Info) error
	// GetSuffices is the behaviour before 1.35: the right to get opens a WebSocket.
	GetSuffices bool
	// Service and Endpoints are asked for by those who go through the server to a service; Node tells whether
	// there is one of that name.
	Service   func(namespace, name string) (*corev1.Service, error)
	Endpoints func(namespace, service string) (*corev1.Endpoints, error)
	Node      func(name string) (*corev1.Node, error)
	// DialPod connects to ADDRESS:PORT in the pods' network. Nil: nobody listens there.
	DialPod func(ctx context.Context, address string) (net.Conn, error)
	// Fail writes an error to the wire.
	Fail func(http.ResponseWriter, *http.Request, error)
}

// Streams hands requests on to nodes.
type Streams struct {
	cfg   Config
	proxy *httputil.ReverseProxy
	pods  *http.Transport // to what listens in pods
}

// New returns Streams that have connected to nothing.
func New(c Config) *Streams {
	s := &Streams{cfg: c, pods: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	s.pods.DialContext = s.dialPod
	s.pods.TLSClientConfig = insecure() // a pod's certificate is its own affair, as for a real server
	s.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			to, _ := r.In.Context().Value(targetKey{}).(*url.URL)
			r.Out.URL, r.Out.Host = to, to.Host
			for _, name := range []string{"Authorization", "Cookie"} {
				r.Out.Header.Del(name)
			}
			for name := range r.Out.Header {
				if strings.HasPrefix(name, "Impersonate-") {
					r.Out.Header.Del(name)
				}
			}
		},
		// One connection for one stream: nothing is left behind when it ends.
		Transport:     &http.Transport{DialTLSContext: s.dial, DisableKeepAlives: true, DisableCompression: true},
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0), // ErrorHandler answers
		ModifyResponse: func(resp *http.Response) error {
			if resp.Request.Context().Value(verbatimKey{}) != nil {
				return nil
			}
			return refusal(resp)
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			var status *apierrors.StatusError
			if e, ok := err.(*refused); ok {
				status = e.status
			} else {
				status = apierrors.NewInternalError(err)
				status.ErrStatus.Message = err.Error()
			}
			c.Fail(w, r, status)
		},
	}
	return s
}

type (
	targetKey   struct{} // the *url.URL to go to
	verbatimKey struct{} // set: what the node answers is the answer, refusals too
)

// dial opens a TLS connection to a node.
func (s *Streams) dial(ctx context.Context, _, address string) (net.Conn, error) {
	node, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if s.cfg.Dial == nil {
		return nil, fmt.Errorf("node %s cannot be reached", node)
	}
	conn, err := s.cfg.Dial(ctx, node)
	if err == nil && conn == nil {
		conn, err = s.dialJoined(ctx, node)
	}
	if err != nil {
		return nil, err
	}
	c := s.cfg.TLS.Clone()
	c.ServerName = node
	over := tls.Client(conn, c)
	if err := over.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return over, nil
}

// refused is a node's answer that is no stream.
type refused struct{ status *apierrors.StatusError }

func (r *refused) Error() string { return r.status.Error() }

// refusal turns a node's refusal, which is plain text, into an API error.
func refusal(resp *http.Response) error {
	if resp.StatusCode < 400 {
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(b))
	_ = resp.Body.Close()
	var status *apierrors.StatusError
	switch resp.StatusCode {
	case http.StatusBadRequest:
		status = apierrors.NewBadRequest(text)
	case http.StatusForbidden, http.StatusUnauthorized:
		status = apierrors.NewInternalError(fmt.Errorf("the node refused the API server: %s", text))
	case http.StatusNotFound:
		status = apierrors.NewGenericServerResponse(http.StatusNotFound, "", corev1.Resource("pods"), "", text, 0, true)
	default:
		status = apierrors.NewInternalError(fmt.Errorf("%s", text))
		status.ErrStatus.Message = text
	}
	return &refused{status}
}

// Connectors are the handlers of the pod's subresources, as the resource handler names them.
func (s *Streams) Connectors() map[string]http.Handler {
	return map[string]http.Handler{
		"pods/log":         http.HandlerFunc(s.log),
		"pods/exec":        s.command("exec"),
		"pods/attach":      s.command("attach"),
		"pods/portforward": http.HandlerFunc(s.portForward),
		"pods/proxy":       http.HandlerFunc(s.podProxy),
		"services/proxy":   http.HandlerFunc(s.serviceProxy),
		"nodes/proxy":      http.HandlerFunc(s.nodeProxy),
	}
}

// log reads a container's log (API-232).
func (s *Streams) log(w http.ResponseWriter, r *http.Request) {
	info := request.InfoFrom(r.Context())
	var pod *corev1.Pod
	query := url.Values{}
	err := takesLogs(r)
	if err == nil {
		query, err = logOptions(info.Name, r.URL.Query())
	}
	if err == nil {
		pod, err = s.cfg.Pod(info.Namespace, info.Name)
	}
	var name string
	if err == nil {
		name, err = containerOf(pod, r.URL.Query().Get("container"))
	}
	if err == nil {
		err = formOfLog(r)
	}
	if err != nil {
		s.cfg.Fail(w, r, err)
		return
	}
	if pod.Spec.NodeName == "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.pass(w, r, pod.Spec.NodeName, query, "containerLogs", pod.Namespace, pod.Name, name)
}

// permitted says whether the caller may open a stream: by a GET, too, it takes the right to create (SPEC-3).
func (s *Streams) permitted(r *http.Request) error {
	info := request.InfoFrom(r.Context())
	if info.Verb != "get" || s.cfg.GetSuffices {
		return nil
	}
	create := *info
	create.Verb = "create"
	return s.cfg.Permit(r.Context(), request.UserFrom(r.Context()), &create)
}

// portForward connects to ports of a pod (API-239).
func (s *Streams) portForward(w http.ResponseWriter, r *http.Request) {
	info := request.InfoFrom(r.Context())
	err := s.permitted(r)
	var pod *corev1.Pod
	if err == nil {
		pod, err = s.cfg.Pod(info.Namespace, info.Name)
	}
	if err == nil && pod.Spec.NodeName == "" {
		err = apierrors.NewBadRequest(fmt.Sprintf("pod %s does not have a host assigned", pod.Name))
	}
	if err != nil {
		s.cfg.Fail(w, r, err)
		return
	}
	query := url.Values{}
	if ports := r.URL.Query()["ports"]; len(ports) > 0 {
		query.Set(corev1.PortHeader, strings.Join(ports, ","))
	}
	s.pass(w, r, pod.Spec.NodeName, query, "portForward", pod.Namespace, pod.Name)
}

// command opens the streams of exec and attach.
func (s *Streams) command(kind string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := request.InfoFrom(r.Context())
		if err := s.permitted(r); err != nil {
			s.cfg.Fail(w, r, err)
			return
		}
		pod, err := s.cfg.Pod(info.Namespace, info.Name)
		if err != nil {
			s.cfg.Fail(w, r, err)
			return
		}
		query := r.URL.Query()
		name, err := containerOf(pod, query.Get("container"))
		switch {
		case err != nil:
		case pod.Spec.NodeName == "":
			err = apierrors.NewBadRequest(fmt.Sprintf("pod %s does not have a host assigned", pod.Name))
		case kind == "exec" && len(query["command"]) == 0:
			err = apierrors.NewBadRequest("you must specify at least 1 command for the container")
		}
		if err != nil {
			s.cfg.Fail(w, r, err)
			return
		}
		query.Del("container")
		s.pass(w, r, pod.Spec.NodeName, query, kind, pod.Namespace, pod.Name, name)
	})
}

// pass hands the request on to a node. One that has no object is not looked for.
func (s *Streams) pass(w http.ResponseWriter, r *http.Request, node string, query url.Values, path ...string) {
	if _, err := s.cfg.Node(node); err != nil {
		if apierrors.IsNotFound(err) { // a real server says so in the words of the request's own resource
			err = apierrors.NewNotFound(corev1.Resource(request.InfoFrom(r.Context()).Resource), node)
		}
		s.cfg.Fail(w, r, err)
		return
	}
	to := &url.URL{
		Scheme: "https", Host: net.JoinHostPort(node, kubeletPort), Path: "/" + strings.Join(path, "/"), RawQuery: query.Encode(),
	}
	s.proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), targetKey{}, to)))
}

// kubeletPort is where nodes serve.
const kubeletPort = "10250"
