package schema

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	apijson "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	kjson "sigs.k8s.io/json"
)

// The media types of resources (API-50), in the order in which the reference server lists them.
const (
	MediaTypeJSON     = "application/json"
	MediaTypeYAML     = "application/yaml"
	MediaTypeProtobuf = "application/vnd.kubernetes.protobuf"

	mediaTypes = MediaTypeJSON + ", " + MediaTypeYAML + ", " + MediaTypeProtobuf
)

// FieldValidation is what to do with unknown and duplicate fields of a body (API-96). The zero value
// is Warn, the server's default.
type FieldValidation string

// The values of the query parameter fieldValidation.
const (
	Ignore FieldValidation = metav1.FieldValidationIgnore
	Warn   FieldValidation = metav1.FieldValidationWarn
	Strict FieldValidation = metav1.FieldValidationStrict
)

// serializers decode what the direct way in decodeJSON does not: other formats, and JSON whose kind
// is missing, foreign or unknown, for the sake of its error text.
type serializers struct {
	json, yaml, protobuf runtime.Serializer
}

// of returns the serializer of a format.
func (s serializers) of(f Format) runtime.Serializer {
	switch f {
	case YAML:
		return s.yaml
	case Protobuf:
		return s.protobuf
	}
	return s.json
}

// codecs returns the lenient and the strict serializers. Protobuf has no strict form.
var codecs = sync.OnceValue(func() (both struct{ lenient, strict serializers }) {
	s := Scheme()
	form := func(yaml, strict bool) runtime.Serializer {
		return apijson.NewSerializerWithOptions(apijson.DefaultMetaFactory, s, s, apijson.SerializerOptions{Yaml: yaml, Strict: strict})
	}
	proto := protobuf.NewSerializer(s, s)
	both.lenient = serializers{json: form(false, false), yaml: form(true, false), protobuf: proto}
	both.strict = serializers{json: form(false, true), yaml: form(true, true), protobuf: proto}
	return both
})

// BodyFormat returns the format that a Content-Type names; none is JSON. An unsupported one is an
// error of code 415 (API-53).
func BodyFormat(contentType string) (Format, error) {
	if contentType == "" || contentType == MediaTypeJSON {
		return JSON, nil
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err == nil {
		switch mediaType {
		case MediaTypeJSON:
			return JSON, nil
		case MediaTypeYAML:
			return YAML, nil
		case MediaTypeProtobuf:
			return Protobuf, nil
		}
	}
	return 0, statusError(http.StatusUnsupportedMediaType, metav1.StatusReasonUnsupportedMediaType,
		"the body of the request was in an unknown format - accepted media types include: "+mediaTypes)
}

// Decode reads a request body as an object of kind want. Kind and apiVersion may be missing from it
// (API-70); the object returned carries those of want.
//
// Unknown and duplicate fields are returned as warnings with Warn, are part of an error with Strict,
// and are passed over with Ignore (API-96, API-97). All errors are API errors: 415 for the content
// type, 400 for everything else, in the words of the reference server.
func Decode(body []byte, contentType string, want runtimeschema.GroupVersionKind, validation FieldValidation) (obj runtime.Object, warnings []string, err error) {
	format, err := BodyFormat(contentType)
	if err != nil {
		return nil, nil, err
	}
	if err := checkDepth(body, format); err != nil {
		return nil, nil, unrecognized(body, want, err)
	}
	if format == JSON {
		if obj, warnings, ok := decodeJSON(body, want, validation); ok {
			return obj, warnings, nil
		}
	}

	chosen := codecs().strict
	if validation == Ignore {
		chosen = codecs().lenient
	}
	obj, actual, err := chosen.of(format).Decode(body, &want, nil)
	if err != nil {
		strict, isStrict := runtime.AsStrictDecodingError(err)
		if !isStrict || obj == nil || validation == Strict {
			return nil, nil, decodeError(body, want, actual, err)
		}
		for _, e := range strict.Errors() {
			warnings = append(warnings, e.Error())
		}
	}
	if err := checkKind(obj, want, *actual); err != nil {
		return nil, nil, err
	}
	obj.GetObjectKind().SetGroupVersionKind(want)
	return obj, warnings, nil
}

var typeNames = regexp.MustCompile(`(?i)"(kind|apiversion)"`)

// otherKind finds other ways to write kind and apiVersion: a real server takes them for these when it asks a body what it is, and for
// unknown fields when it decodes it.
func otherKind(text []byte) bool {
	for _, name := range typeNames.FindAll(text, -1) {
		if string(name) != `"kind"` && string(name) != `"apiVersion"` {
			return true
		}
	}
	return false
}

// decodeJSON is the way of nearly all bodies: straight into the wanted type, without looking for the
// kind first. It gives up (ok false) on any error and on a foreign kind, so that the long way
// finds the words for them.
func decodeJSON(body []byte, want runtimeschema.GroupVersionKind, validation FieldValidation) (_ runtime.Object, warnings []string, ok bool) {
	obj, err := Scheme().New(want)
	if err != nil {
		return nil, nil, false
	}
	if validation == Ignore {
		if otherKind(body) {
			return nil, nil, false
		}
		if err := kjson.UnmarshalCaseSensitivePreserveInts(body, obj); err != nil {
			return nil, nil, false
		}
	} else {
		strict, err := kjson.UnmarshalStrict(body, obj)
		if err != nil || (len(strict) > 0 && validation == Strict) {
			return nil, nil, false
		}
		for _, e := range strict {
			text := e.Error()
			if otherKind([]byte(text)) {
				return nil, nil, false
			}
			warnings = append(warnings, text)
		}
	}
	// null decodes into anything; what follows is for objects only.
	if first := bytes.TrimLeft(body, " \t\r\n"); len(first) == 0 || first[0] != '{' {
		return nil, nil, false
	}
	kind := obj.GetObjectKind()
	sent, isType := kind.(*metav1.TypeMeta) // an apiVersion that is none is there and nowhere else
	if !isType {
		return nil, nil, false
	}
	apiVersion, name := sent.APIVersion, sent.Kind
	if (name != "" && name != want.Kind) || (apiVersion != "" && apiVersion != want.GroupVersion().String()) {
		return nil, nil, false
	}
	kind.SetGroupVersionKind(want)
	return obj, warnings, true
}

// checkKind refuses an object of another kind or of another version than the route takes (API-70).
func checkKind(obj runtime.Object, want, actual runtimeschema.GroupVersionKind) error {
	switch {
	case actual == want:
		return nil
	case actual.Kind == want.Kind && reflect.TypeOf(obj).Elem() == Scheme().AllKnownTypes()[want]:
		return nil // the options of requests are one type in every group-version
	case actual.Kind == want.Kind && actual.Group == want.Group:
		return apierrors.NewBadRequest(fmt.Sprintf("the API version in the data (%s) does not match the expected API version (%s)",
			actual.GroupVersion(), want.GroupVersion()))
	}
	internal, ok := internalPackages[want.Group]
	if !ok {
		internal, _, _ = strings.Cut(want.Group, ".")
	}
	return apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: converting (%s) to (%s.%s): unknown conversion",
		actual.Kind, actual.Version, want.Kind, reflect.TypeOf(obj).Elem(), internal, want.Kind))
}

// decodeError says why a body could not be read: by its own kind if it got that far, else by its
// first bytes.
func decodeError(body []byte, want runtimeschema.GroupVersionKind, actual *runtimeschema.GroupVersionKind, err error) error {
	if actual == nil || actual.Kind == "" {
		return unrecognized(body, want, err)
	}
	return apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %s", actual.Kind, actual.Version, want.Kind, unregistered(err)))
}

// schemeName is the file and line that made the scheme of the reference server: some of its messages name it.
const schemeName = "pkg/runtime/scheme.go:111"

// unregistered is the text of an error, in which the reference server's scheme takes the place of ours.
func unregistered(err error) string {
	text := err.Error()
	if runtime.IsNotRegisteredError(err) {
		before, _, _ := strings.Cut(text, " in scheme ")
		text = fmt.Sprintf("%s in scheme %q", before, schemeName)
	}
	return text
}

func unrecognized(body []byte, want runtimeschema.GroupVersionKind, err error) error {
	return apierrors.NewBadRequest(fmt.Sprintf("the object provided is unrecognized (must be of type %s): %v (%s)", want.Kind, err, summary(body)))
}

// summary shows the beginning of a body in an error: as it is if it looks like JSON, else in hex.
func summary(body []byte) string {
	const most = 30
	switch {
	case len(body) == 0:
		return "<empty>"
	case body[0] == '{' && len(body) > most:
		return string(body[:most]) + " ..."
	case body[0] == '{':
		return string(body)
	case len(body) > most:
		return hex.EncodeToString(body[:most]) + " ..."
	}
	return hex.EncodeToString(body)
}

// DecodeStored reads an object that this server itself encoded with EncodeJSON. The object carries
// its kind and apiVersion.
func DecodeStored(data []byte, kind runtimeschema.GroupVersionKind) (runtime.Object, error) {
	obj, err := Scheme().New(kind)
	if err != nil {
		return nil, fmt.Errorf("decode stored %s: %w", kind.Kind, err)
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(data, obj); err != nil {
		return nil, fmt.Errorf("decode stored %s: %w", kind.Kind, err)
	}
	obj.GetObjectKind().SetGroupVersionKind(kind)
	return obj, nil
}

// DecodePatched reads the JSON that a patch produced as an object of kind want. Problems with
// unknown and duplicate fields, those found while applying the patch (applied) among them, become
// warnings or an error; an error is the 422 of API-97 and API-158, which quotes the patched object.
func DecodePatched(patched []byte, want runtimeschema.GroupVersionKind, validation FieldValidation, applied []error) (obj runtime.Object, warnings []string, err error) {
	serializer := codecs().strict.json
	if validation == Ignore {
		serializer = codecs().lenient.json
	}
	if err := checkDepth(patched, JSON); err != nil {
		return nil, nil, invalidPatch(string(patched), err)
	}
	obj, actual, err := serializer.Decode(patched, &want, nil)
	problems := applied
	if err != nil {
		strict, isStrict := runtime.AsStrictDecodingError(err)
		if !isStrict || obj == nil {
			return nil, nil, invalidPatch(string(patched), err)
		}
		problems = append(problems[:len(problems):len(problems)], strict.Errors()...)
	}
	if *actual != want {
		text := StatusOf(checkKind(obj, want, *actual)).Message
		if _, cause, ok := strings.Cut(text, "cannot be handled as a "+want.Kind+": "); ok {
			text = cause
		}
		return nil, nil, invalidPatch(string(patched), errors.New(text))
	}
	if sent, isType := obj.GetObjectKind().(*metav1.TypeMeta); isType && sent.APIVersion == "" {
		// A real server then reads it as its own form of the kind, in which no field has the name it has in JSON: nothing is left.
		var members map[string]json.RawMessage
		if err := json.Unmarshal(patched, &members); err != nil {
			return nil, nil, invalidPatch(string(patched), err)
		}
		problems = problems[:len(applied):len(applied)]
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if name != "kind" && name != "apiVersion" {
				problems = append(problems, fmt.Errorf("unknown field %q", name))
			}
		}
		if obj, err = Scheme().New(want); err != nil {
			return nil, nil, err
		}
	}
	warnings, err = FieldProblems(problems, validation)
	if err != nil {
		return nil, nil, invalidPatch(string(patched), err)
	}
	obj.GetObjectKind().SetGroupVersionKind(want)
	return obj, warnings, nil
}

// FieldProblems turns unknown and duplicate fields into what validation wants: nothing, warnings,
// or one strict decoding error.
func FieldProblems(problems []error, validation FieldValidation) (warnings []string, err error) {
	switch {
	case len(problems) == 0 || validation == Ignore:
		return nil, nil
	case validation == Strict:
		return nil, runtime.NewStrictDecodingError(problems)
	}
	for _, e := range problems {
		warnings = append(warnings, e.Error())
	}
	return warnings, nil
}
