package apiserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/authz"
	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/rest"
	"github.com/kubemint/kubemint/apiserver/story"
)

// chain is the way of every request, from top to bottom (API-2). Routing comes last: what is not recognized or not allowed never gets
// to a handler.
func (s *Server) chain(routes func(chi.Router)) http.Handler {
	r := chi.NewRouter()
	r.Use(
		s.recover,      // a panic is one request's end and not the server's
		s.begin,        // Audit-Id, request.Info, the story's first lines; the last ones when the answer is out
		s.deadline,     // a minute for all but watches and streams
		s.authenticate, // who: 401 or a user
		s.impersonate,  // who instead
		s.limit,        // how many at once: 429
		s.authorize,    // may they: 403
		anyMethod,      // even FOO is routed
	)
	routes(r)
	return r
}

// recover turns a panic into a 500 with the request's Audit-Id; the log says the rest.
func (s *Server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			s.log.Error("a request handler panicked", "audit-id", w.Header().Get("Audit-Id"), "method", r.Method, "path", r.URL.Path, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			http.Error(w, "This request caused apiserver to panic. Look in the logs for details.", http.StatusInternalServerError)
		}()
		next.ServeHTTP(w, r)
	})
}

// begin opens the request's scope and story, and closes the story when the answer is out.
func (s *Server) begin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now() // wall time: how long the work takes
		r.URL.RawPath = ""  // one reading of the path for all: the decoded one
		id := r.Header.Get("Audit-Id")
		if id == "" || len(id) > 64 {
			id = uuid.NewString()
		}
		scope := &request.Scope{Info: request.Parse(r), AuditID: id, Start: start}
		w.Header()["Audit-Id"] = []string{id}
		w.Header()["Cache-Control"] = []string{"no-cache, private"}
		rec := &story.Record{
			AuditID: id, At: s.clock.Now(), Source: r.RemoteAddr, Agent: r.UserAgent(),
			Command: r.Header.Get("Kubectl-Command"), Session: r.Header.Get("Kubectl-Session"), Method: r.Method,
		}
		describe(rec, scope.Info)
		cw := &countingWriter{ResponseWriter: w}
		audited := s.auditOf(r, scope, rec)
		if audited != nil {
			cw.began = audited.began
		}
		if !rec.LongRun {
			s.inFlight.Add(1)
		}
		panicked := true
		defer func() {
			scope.End()
			if !rec.LongRun {
				s.inFlight.Add(-1)
			}
			rec.Took, rec.Code = time.Since(start), cw.answered(panicked)
			s.end(rec, scope)
			if audited != nil {
				audited.ended(panicked)
			}
		}()
		ctx := context.WithValue(request.WithScope(r.Context(), scope), recordKey{}, rec)
		next.ServeHTTP(cw, r.WithContext(ctx))
		panicked = false
	})
}

type recordKey struct{}

func record(ctx context.Context) *story.Record {
	r, _ := ctx.Value(recordKey{}).(*story.Record)
	if r == nil {
		r = &story.Record{}
	}
	return r
}

func describe(rec *story.Record, i *request.Info) {
	rec.Path, rec.Verb, rec.Group, rec.Resource, rec.Subresource = i.Path, i.Verb, i.Group, i.Resource, i.Subresource
	rec.Namespace, rec.Name, rec.IsResource, rec.LongRun = i.Namespace, i.Name, i.IsResource, i.LongRunning()
	switch {
	case i.Path == "/kubemint/v1/clock" && i.Verb == "post":
		rec.LongRun = true // it waits for the others to be done
	case i.Path == "/kubemint/v1/stories/next":
		rec.LongRun = true // it waits for others to come
	}
}

// deadline bounds ordinary requests (API-7).
func (s *Server) deadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Where the connection knows no deadlines there are none to set.
		control := http.NewResponseController(w)
		if request.ScopeFrom(r.Context()).Info.Unclear {
			http.Error(w, fmt.Sprintf("Internal Server Error: %q: failed to create RequestInfo: unable to determine kind and namespace from url, %s", r.RequestURI, r.URL.Path), http.StatusInternalServerError)
			return
		}
		if record(r.Context()).LongRun {
			_ = control.SetWriteDeadline(time.Time{}) // that of the request before on the same connection
			next.ServeHTTP(w, r)
			return
		}
		limit := requestTimeout
		if r.URL.RawQuery != "" {
			if asked := r.URL.Query().Get("timeout"); asked != "" {
				d, err := time.ParseDuration(asked)
				if err != nil {
					rest.Error(w, r, apierrors.NewBadRequest("invalid timeout specified in the request URL - "+err.Error()))
					return
				}
				if d > 0 && d < limit {
					limit = d
				}
			}
		}
		if r.ContentLength != 0 {
			// A body that does not come may not hold the request for longer.
			_ = control.SetReadDeadline(time.Now().Add(limit)) // wall time
		}
		// Nor may a client that does not read the answer.
		_ = control.SetWriteDeadline(time.Now().Add(limit + s.patience)) // wall time
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// parting has a connection of HTTP/2 end with this answer: it carries too much for who is nobody (API-8).
func parting(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 2 {
		w.Header().Set("Connection", "close")
	}
}

// authenticate finds out who it is. A credential that fails is a 401, also where nobody would have been asked for one (AUTH-3).
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scope, rec := request.ScopeFrom(r.Context()), record(r.Context())
		result, err := s.Authn.Authenticate(r)
		scope.Done(request.StepAuthenticate)
		if err != nil {
			rec.Authentication = err
			var refused *authn.Unauthorized
			if errors.As(err, &refused) {
				tell(r.Context(), refused.Warnings, refused.Annotations)
			}
			parting(w, r)
			rest.Error(w, r, errUnauthorized)
			return
		}
		rec.Authentication = result
		tell(r.Context(), result.Warnings, result.Annotations)
		scope.User = result.User
		rec.User, rec.Groups = result.User.Name, result.User.Groups
		rec.System = story.IsSystem(rec.User)
		scope.Told = !rec.System
		if result.User.Name == request.Anonymous {
			parting(w, r)
		}
		// What proves an identity is of no use to the steps below.
		r.Header.Del("Authorization")
		next.ServeHTTP(w, r)
	})
}

// tell passes on what authentication has to say beside its decision.
func tell(ctx context.Context, warnings []string, annotations map[string]string) {
	for _, text := range warnings {
		request.Warn(ctx, text)
	}
	for k, v := range annotations {
		request.Annotate(ctx, k, v)
	}
}

// impersonate lets those who may be somebody else (USR-20).
func (s *Server) impersonate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !impersonates(r.Header) {
			next.ServeHTTP(w, r)
			return
		}
		scope, rec := request.ScopeFrom(r.Context()), record(r.Context())
		wanted := r.Header.Get("Impersonate-User")
		who, err := s.Impersonator.Impersonate(r.Context(), r.Header, scope.User, scope.Info)
		scope.Done(request.StepImpersonate)
		if err != nil {
			rec.Wanted = wanted
			w.Header().Set("X-Content-Type-Options", "nosniff")
			rest.Error(w, r, err)
			return
		}
		if who != nil {
			scope.Forget() // the modes that were tried and did not fit
			scope.Real, scope.User, scope.Constraint = scope.User, who.User, who.Constraint
			rec.Real, rec.User, rec.Groups = scope.Real.Name, who.User.Name, who.User.Groups
			rec.System, scope.Told = false, true
		}
		next.ServeHTTP(w, r)
	})
}

// limit refuses what comes over the number of requests that may be in work at once (API-6).
func (s *Server) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scope := request.ScopeFrom(r.Context())
		if record(r.Context()).LongRun || scope.User.In(request.Masters) {
			next.ServeHTTP(w, r)
			return
		}
		slots := s.mutating
		if scope.Info.ReadOnly() {
			slots = s.readOnly
		}
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			http.Error(w, "Too many requests, please try again later.", http.StatusTooManyRequests)
		}
	})
}

// authorize asks whether they may.
func (s *Server) authorize(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scope, rec := request.ScopeFrom(r.Context()), record(r.Context())
		a := authz.FromRequest(scope.Info, scope.User)
		d := s.Authz.Authorize(a)
		scope.Done(request.StepAuthorize)
		rec.Authorization = &d
		switch {
		case d.Allowed:
			next.ServeHTTP(w, r)
		case d.Err != nil:
			http.Error(w, "Internal Server Error: "+strconv.Quote(r.RequestURI)+": "+d.Err.Error(), http.StatusInternalServerError)
		default:
			w.Header().Set("X-Content-Type-Options", "nosniff")
			rest.Error(w, r, authz.Forbidden(a, d.Reason))
		}
	})
}
