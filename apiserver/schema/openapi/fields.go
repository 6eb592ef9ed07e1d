package openapi

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

//go:embed fields.gz
var fieldsFile []byte

// Fields returns the type schema of the served kinds, by the names that OpenAPI gives to types
// (io.k8s.api.core.v1.Pod). It is read once, in about four milliseconds, and must not be changed.
func Fields() *typed.Parser { return fields() }

var fields = sync.OnceValue(func() *typed.Parser {
	parser := &typed.Parser{}
	err := readLines(fieldsFile, func(name string, line []byte) error {
		var t fieldType
		if err := json.Unmarshal(line, &t); err != nil {
			return fmt.Errorf("type %s: %w", name, err)
		}
		parser.Schema.Types = append(parser.Schema.Types, schema.TypeDef{Name: name, Atom: t.atom()})
		return nil
	})
	if err != nil {
		panic("openapi: the embedded type schema is damaged: " + err.Error()) // a build mistake
	}
	return parser
})

// readLines hands out the lines of a compressed file: a name, a tab, and JSON that is only valid
// during the call.
func readLines(file []byte, line func(name string, text []byte) error) error {
	unzipped, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return err
	}
	lines := bufio.NewReaderSize(unzipped, 64<<10)
	for {
		text, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		name, rest, _ := bytes.Cut(text[:len(text)-1], []byte{'\t'})
		if err := line(string(name), rest); err != nil {
			return err
		}
	}
}

// fieldType is a type as the generator in gen writes it, with one letter per property of
// schema.TypeRef and schema.Atom.
type fieldType struct {
	Named    string                     `json:"n"`
	Override schema.ElementRelationship `json:"o"`
	Nullable bool                       `json:"u"`
	Default  any                        `json:"d"`
	Scalar   schema.Scalar              `json:"s"`
	List     *struct {
		Element  fieldType                  `json:"t"`
		Relation schema.ElementRelationship `json:"r"`
		Keys     []string                   `json:"k"`
	} `json:"l"`
	Map *struct {
		Fields   map[string]fieldType       `json:"f"`
		Element  fieldType                  `json:"t"`
		Relation schema.ElementRelationship `json:"r"`
	} `json:"m"`
}

func (t *fieldType) reference() schema.TypeRef {
	ref := schema.TypeRef{Nullable: t.Nullable}
	if t.Override != "" {
		ref.ElementRelationship = &t.Override
	}
	if t.Named != "" {
		ref.NamedType = &t.Named
	} else {
		ref.Inlined = t.atom()
	}
	return ref
}

func (t *fieldType) atom() schema.Atom {
	var a schema.Atom
	if t.Scalar != "" {
		a.Scalar = &t.Scalar
	}
	if l := t.List; l != nil {
		a.List = &schema.List{ElementType: l.Element.reference(), ElementRelationship: l.Relation, Keys: l.Keys}
	}
	if m := t.Map; m != nil {
		a.Map = &schema.Map{ElementType: m.Element.reference(), ElementRelationship: m.Relation}
		for name, field := range m.Fields {
			a.Fields = append(a.Fields, schema.StructField{Name: name, Type: field.reference(), Default: wholeNumber(field.Default)})
		}
		slices.SortFunc(a.Fields, func(x, y schema.StructField) int { return strings.Compare(x.Name, y.Name) })
	}
	return a
}

// wholeNumber makes an int64 of a number without a fraction, the type in which objects carry it.
func wholeNumber(value any) any {
	if f, ok := value.(float64); ok && f == float64(int64(f)) {
		return int64(f)
	}
	return value
}
