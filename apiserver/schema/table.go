package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
)

// TableOptions say how a table is made.
type TableOptions struct {
	// Now is the moment to which ages count.
	Now time.Time
	// SecretsColumn shows the number of secrets of ServiceAccounts, as servers up to 1.34 do.
	SecretsColumn bool
	// IncludeObject is the query parameter of that name; empty means Metadata (API-58).
	IncludeObject metav1.IncludeObjectPolicy
	// NoHeaders leaves out the column definitions, as for all but the first event of a watch (API-59).
	NoHeaders bool
	// Version of meta.k8s.io: v1, or v1beta1 for old clients. Empty means v1.
	Version string
	// Resource names the objects in the error for those that have no metadata.
	Resource runtimeschema.GroupResource
}

// TableItem is an object to show in a table.
type TableItem struct {
	Object runtime.Object
	// Encoded is the object as EncodeJSON writes it, if the caller has it: the row then takes its
	// metadata from there instead of encoding them again.
	Encoded []byte
}

// tableKind is how objects of a kind are shown.
type tableKind struct {
	columns    []metav1.TableColumnDefinition
	cells      func(obj runtime.Object, o *TableOptions) []any
	conditions func(obj runtime.Object) []metav1.TableRowCondition // nil: none
}

// tableKinds holds the kinds with columns of their own (API-195 to API-201).
var tableKinds = sync.OnceValue(func() map[runtimeschema.GroupVersionKind]*tableKind {
	kinds := map[runtimeschema.GroupVersionKind]*tableKind{}
	for _, list := range []map[runtimeschema.GroupVersionKind]*tableKind{
		podTables(), workloadTables(), clusterTables(), networkTables(), storageTables(), policyTables(), accessTables(),
	} {
		maps.Copy(kinds, list)
	}
	return kinds
})

// defaultTable shows every other kind (API-197).
var defaultTable = sync.OnceValue(func() *tableKind {
	return &tableKind{
		columns: columns(nameColumn(), ofType("date", column("Created At", doc(metav1.ObjectMeta{}, "creationTimestamp")))),
		cells: func(obj runtime.Object, _ *TableOptions) []any {
			m, err := meta.Accessor(obj)
			if err != nil {
				return nil
			}
			return []any{m.GetName(), m.GetCreationTimestamp().UTC().Format(time.RFC3339)}
		},
	}
})

func tableOf(kind runtimeschema.GroupVersionKind, o *TableOptions) *tableKind {
	if o.SecretsColumn && kind.Kind == "ServiceAccount" {
		return serviceAccountWithSecrets()
	}
	if t, ok := tableKinds()[kind]; ok {
		return t
	}
	return defaultTable()
}

// Table shows objects of one kind as a table: the answer of a list, of a get (one item), or of an
// event of a watch. Objects without metadata are the error 406 of API-61.
func Table(kind runtimeschema.GroupVersionKind, items []TableItem, list metav1.ListMeta, o TableOptions) (*metav1.Table, error) {
	t := tableOf(kind, &o)
	table := &metav1.Table{
		TypeMeta: metav1.TypeMeta{Kind: "Table", APIVersion: metaVersion(o.Version)},
		ListMeta: list,
		Rows:     make([]metav1.TableRow, len(items)),
	}
	if !o.NoHeaders {
		table.ColumnDefinitions = t.columns
	}
	for i, item := range items {
		m, err := meta.Accessor(item.Object)
		if err != nil {
			return nil, notConvertible(o.Resource)
		}
		row := &table.Rows[i]
		row.Cells = t.cells(item.Object, &o)
		if t.conditions != nil {
			row.Conditions = t.conditions(item.Object)
		}
		switch o.IncludeObject {
		case metav1.IncludeNone:
		case metav1.IncludeObject:
			if row.Object.Raw = item.Encoded; row.Object.Raw == nil {
				row.Object.Object = item.Object
			}
		default:
			if metadata, ok := encodedMetadata(item.Encoded); ok {
				row.Object.Raw = appendPartial(nil, metadata, o.Version)
			} else {
				row.Object.Object = PartialMetadata(m, o.Version)
			}
		}
	}
	return table, nil
}

func notConvertible(resource runtimeschema.GroupResource) error {
	return statusError(http.StatusNotAcceptable, metav1.StatusReasonNotAcceptable,
		fmt.Sprintf("the resource %s does not support being converted to a Table", resource))
}

func metaVersion(version string) string {
	if version == "" {
		version = "v1"
	}
	return metav1.GroupName + "/" + version
}

// EncodeTable writes what Table returned as compact JSON, without a trailing newline. It is the same
// as EncodeJSON of it, several times faster.
func EncodeTable(table *metav1.Table) ([]byte, error) {
	out := make([]byte, 0, 512+len(table.Rows)*768)
	out = append(out, `{"kind":"Table","apiVersion":"`...)
	out = append(out, table.APIVersion...)
	out = append(out, `","metadata":`...)
	list, err := json.Marshal(table.ListMeta)
	if err != nil {
		return nil, fmt.Errorf("encode table: %w", err)
	}
	out = append(out, list...)
	out = append(out, `,"columnDefinitions":`...)
	header, err := json.Marshal(table.ColumnDefinitions)
	if err != nil {
		return nil, fmt.Errorf("encode table: %w", err)
	}
	out = append(out, header...)
	out = append(out, `,"rows":[`...)
	for i := range table.Rows {
		if i > 0 {
			out = append(out, ',')
		}
		if out, err = appendRow(out, &table.Rows[i]); err != nil {
			return nil, fmt.Errorf("encode table: %w", err)
		}
	}
	return append(out, ']', '}'), nil
}

func appendRow(out []byte, row *metav1.TableRow) ([]byte, error) {
	out = append(out, `{"cells":[`...)
	for i, cell := range row.Cells {
		if i > 0 {
			out = append(out, ',')
		}
		switch v := cell.(type) {
		case string:
			out = appendString(out, v)
		case int64:
			out = strconv.AppendInt(out, v, 10)
		case bool:
			out = strconv.AppendBool(out, v)
		default:
			encoded, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			out = append(out, encoded...)
		}
	}
	out = append(out, ']')
	if len(row.Conditions) > 0 {
		encoded, err := json.Marshal(row.Conditions)
		if err != nil {
			return nil, err
		}
		out = append(append(out, `,"conditions":`...), encoded...)
	}
	out = append(out, `,"object":`...)
	switch {
	case row.Object.Raw != nil:
		out = append(out, row.Object.Raw...)
	case row.Object.Object != nil:
		encoded, err := EncodeJSON(row.Object.Object)
		if err != nil {
			return nil, err
		}
		out = append(out, encoded...)
	default:
		out = append(out, "null"...)
	}
	return append(out, '}'), nil
}

// appendString appends a JSON string as encoding/json writes it.
func appendString(out []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			encoded, _ := json.Marshal(s) //nolint:errchkjson // a string always encodes
			return append(out, encoded...)
		}
	}
	out = append(out, '"')
	out = append(out, s...)
	return append(out, '"')
}

// age is how long ago t was, as people say it (API-196).
func (o *TableOptions) age(t metav1.Time) string {
	if t.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(o.Now.Sub(t.Time))
}

func (o *TableOptions) microAge(t metav1.MicroTime) string {
	return o.age(metav1.Time(t))
}
