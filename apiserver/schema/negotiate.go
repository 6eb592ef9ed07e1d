package schema

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/munnerz/goautoneg"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
)

// Format is how an object is written down.
type Format uint8

// The formats of API-50.
const (
	JSON Format = iota
	YAML
	Protobuf
)

// String returns the media type.
func (f Format) String() string {
	switch f {
	case YAML:
		return MediaTypeYAML
	case Protobuf:
		return MediaTypeProtobuf
	}
	return MediaTypeJSON
}

// As is what an object is shown as.
type As uint8

// The representations a client can ask for with the parameter as of an Accept clause.
const (
	AsObject As = iota
	AsTable
	AsPartialObjectMetadata
	AsPartialObjectMetadataList
	AsGroupDiscovery // APIGroupDiscoveryList, of /api and /apis only
)

// Accepted is a client's wish that can be met.
type Accepted struct {
	Format  Format
	As      As
	Version string // of meta.k8s.io or apidiscovery.k8s.io; empty with AsObject
	Pretty  bool   // parameter pretty=1
}

// Kind returns the kind of the representation; its Kind is empty with AsObject.
func (a Accepted) Kind() runtimeschema.GroupVersionKind {
	name := ""
	switch a.As {
	case AsTable:
		name = "Table"
	case AsPartialObjectMetadata:
		name = "PartialObjectMetadata"
	case AsPartialObjectMetadataList:
		name = "PartialObjectMetadataList"
	default:
		return runtimeschema.GroupVersionKind{}
	}
	return runtimeschema.GroupVersionKind{Group: metav1.GroupName, Version: a.Version, Kind: name}
}

// Endpoint is what a route can answer with, which decides what of an Accept header counts.
type Endpoint uint8

const (
	// Item is a single object: JSON, YAML, Table, PartialObjectMetadata.
	Item Endpoint = iota
	// Collection is a list: the same and PartialObjectMetadataList.
	Collection
	// Removal is the answer to a deletecollection: a list that cannot be watched.
	Removal
	// Stream is a watch: as Collection, but YAML has no stream form (API-63) and protobuf none here.
	Stream
	// Discovery is /api and /apis: JSON, YAML and APIGroupDiscoveryList.
	Discovery
	// Answer is what is made for the answer alone, a review or a token: as Item, but never a Table.
	Answer
	// Plain is what is shown as nothing else: a Status, the lists of discovery.
	Plain
)

// Negotiate picks what to answer from an Accept header: clauses by falling q and then by position,
// and of these the first that can be met (API-51). Protobuf is chosen only if the client takes nothing
// else: what is kept here is JSON, and nearly all clients list it as well (API-52). There are no watches
// in protobuf.
//
// If none can be met, the error is the Status of code 406: in the words of the reference server's
// router if no clause names a media type it serves, else in those of its handlers.
func Negotiate(accept string, endpoint Endpoint) (Accepted, error) {
	if accept == "" || accept == MediaTypeJSON || accept == "*/*" {
		return Accepted{}, nil
	}
	known := []string{MediaTypeJSON, MediaTypeYAML, MediaTypeProtobuf}
	if endpoint == Collection || endpoint == Stream {
		known = append(known, MediaTypeJSON+watchStream, MediaTypeProtobuf+watchStream)
	}
	if err := Route(accept, known...); err != nil {
		return Accepted{}, err
	}
	return Choose(accept, endpoint)
}

// Choose picks as Negotiate does, without the router's sieve: for errors, and for what no router stands before.
func Choose(accept string, endpoint Endpoint) (Accepted, error) {
	if accept == "" {
		return Accepted{}, nil
	}
	known := []string{MediaTypeJSON, MediaTypeYAML, MediaTypeProtobuf}
	streams := []string{MediaTypeJSON + watchStream, MediaTypeProtobuf + watchStream}
	var fallback *Accepted
	for _, clause := range goautoneg.ParseAccept(accept) {
		for _, format := range [...]Format{JSON, YAML, Protobuf} {
			accepted, ok := meet(clause.Params, format, endpoint)
			switch {
			case !ok || !names(clause, format):
			case format == Protobuf:
				if fallback == nil {
					fallback = &accepted
				}
			case format == YAML && endpoint == Stream:
				return Accepted{}, notAcceptable(streams)
			default:
				return accepted, nil
			}
		}
	}
	switch {
	case fallback == nil:
		return Accepted{}, notAcceptable(known)
	case endpoint == Stream:
		return Accepted{}, notAcceptable(streams)
	}
	return *fallback, nil
}

// watchStream is what a router appends to the media types that have a stream form.
const watchStream = ";stream=watch"

// routerError is the Status of an Accept header that fits nothing, in the form of the reference server's router: with empty details.
func routerError(text string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable, Message: text, Details: &metav1.StatusDetails{},
	}}
}

func notAcceptable(served []string) error {
	return statusError(http.StatusNotAcceptable, metav1.StatusReasonNotAcceptable,
		"only the following media types are accepted: "+strings.Join(served, ", "))
}

// Route is the first sieve, that of a real server's router: does any clause, its parameters aside, name one of the types that the
// route has? Of wildcards it knows only that for everything.
func Route(accept string, known ...string) error {
	if accept == "" {
		return nil
	}
	for clause := range strings.SplitSeq(accept, ",") {
		mediaType, _, _ := strings.Cut(clause, ";")
		mediaType = strings.Trim(mediaType, " \t")
		if mediaType == "*/*" || slices.Contains(known, mediaType) {
			return nil
		}
	}
	return routerError("406: Not Acceptable\n\nAvailable representations: " + strings.Join(known, ", "))
}

// names tells whether a clause names a format, by itself or by a wildcard.
func names(clause goautoneg.Accept, format Format) bool {
	kind, sub, _ := strings.Cut(format.String(), "/")
	return clause.Type == kind && (clause.SubType == sub || clause.SubType == "*") ||
		clause.Type == "*" && clause.SubType == "*"
}

// meet reads the parameters of one clause. Unknown ones are ignored.
func meet(params map[string]string, format Format, endpoint Endpoint) (Accepted, bool) {
	accepted := Accepted{Format: format, Pretty: params["pretty"] == "1"}
	if stream := params["stream"]; stream != "" && (format == YAML || stream != "watch") {
		return Accepted{}, false
	}
	if params["sv"] != "" {
		return Accepted{}, false
	}
	as, group, version := params["as"], params["g"], params["v"]
	if as == "" && group == "" && version == "" {
		return accepted, true
	}
	if endpoint == Plain {
		return Accepted{}, false
	}
	if endpoint == Discovery {
		accepted.As, accepted.Version = AsGroupDiscovery, version
		return accepted, as == "APIGroupDiscoveryList" && group == "apidiscovery.k8s.io" && version == "v2"
	}
	if group != metav1.GroupName || version != "v1" && version != "v1beta1" {
		return Accepted{}, false
	}
	accepted.Version = version
	switch as {
	case "Table":
		accepted.As = AsTable
		return accepted, format != Protobuf && endpoint != Answer // API-57
	case "PartialObjectMetadata":
		accepted.As = AsPartialObjectMetadata
	case "PartialObjectMetadataList":
		accepted.As = AsPartialObjectMetadataList
	default:
		return Accepted{}, false
	}
	return accepted, true
}

// Pretty tells whether JSON is to be indented (API-9): as the query parameter pretty says, or without
// it for programs that show answers to people.
func Pretty(query, userAgent string) bool {
	if query != "" {
		pretty, err := strconv.ParseBool(query)
		return err == nil && pretty
	}
	for _, program := range [...]string{"curl", "Wget", "Mozilla/5.0"} {
		if strings.HasPrefix(userAgent, program) {
			return true
		}
	}
	return false
}
