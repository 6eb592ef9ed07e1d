package kubemint_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/yaml"

	"github.com/kubemint/kubemint"
)

// served is a stored kind as discovery tells of it.
type served struct {
	metav1.APIResource
	schema.GroupVersionResource
	subresources []string
}

func (s served) kind() schema.GroupVersionKind { return s.GroupVersion().WithKind(s.Kind) }

// storedKinds asks discovery for every kind that can be listed, in every version.
func storedKinds(t *testing.T, d discovery.DiscoveryInterface) []served {
	t.Helper()
	_, lists, err := d.ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	var out []served
	for _, l := range lists {
		gv, err := schema.ParseGroupVersion(l.GroupVersion)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range l.APIResources {
			if name, sub, ok := strings.Cut(r.Name, "/"); ok {
				if i := slices.IndexFunc(out, func(s served) bool { return s.GroupVersionResource == gv.WithResource(name) }); i >= 0 {
					out[i].subresources = append(out[i].subresources, sub)
				}
			} else if slices.Contains(r.Verbs, "list") {
				out = append(out, served{APIResource: r, GroupVersionResource: gv.WithResource(r.Name)})
			}
		}
	}
	return out
}

// samples are the objects of testdata/clients/kinds.yaml, one of each kind.
func samples(t *testing.T) map[schema.GroupVersionKind]*unstructured.Unstructured {
	t.Helper()
	text, err := os.ReadFile("testdata/clients/kinds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out := map[schema.GroupVersionKind]*unstructured.Unstructured{}
	for doc := range strings.SplitSeq(string(text), "\n---\n") {
		obj := &unstructured.Unstructured{}
		if err := yaml.UnmarshalStrict([]byte(doc), &obj.Object); err != nil {
			t.Fatalf("%v in %s", err, doc)
		}
		obj.SetName("sample-" + strings.ToLower(strings.ReplaceAll(obj.GetAPIVersion()+"-"+obj.GetKind(), "/", "-")))
		out[obj.GroupVersionKind()] = obj
	}
	return out
}

// TestEveryKindByEveryClient: what discovery offers, client-go's dynamic, typed and metadata clients can do, and a watch tells all of it.
func TestEveryKindByEveryClient(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	r.Config.WarningHandler = rest.NoWarnings{}
	d, err := dynamic.NewForConfig(r.Config)
	if err != nil {
		t.Fatal(err)
	}
	m, err := metadata.NewForConfig(r.Config)
	if err != nil {
		t.Fatal(err)
	}
	all := samples(t)
	for _, kind := range storedKinds(t, r.Admin.Discovery()) {
		t.Run(kind.Name+"."+kind.GroupVersion().String(), func(t *testing.T) {
			t.Parallel()
			sample := all[kind.kind()]
			if sample == nil {
				t.Fatalf("testdata/clients/kinds.yaml has no %v", kind.kind())
			}
			p := probe{t: t, kind: kind, name: sample.GetName(), dynamic: d.Resource(kind.GroupVersionResource), metadata: m.Resource(kind.GroupVersionResource)}
			if kind.Namespaced {
				p.namespace = "default"
				p.dynamic, p.metadata = d.Resource(kind.GroupVersionResource).Namespace("default"), m.Resource(kind.GroupVersionResource).Namespace("default")
			}
			p.typed = typedClient(t, r.Config, kind.GroupVersionResource.GroupVersion())
			p.run(sample.DeepCopy())
		})
	}
}

// typedClient is what the typed clients of client-go are made of. It asks for protobuf, as components do.
func typedClient(t *testing.T, base *rest.Config, gv schema.GroupVersion) *rest.RESTClient {
	t.Helper()
	c := rest.CopyConfig(base)
	c.GroupVersion, c.APIPath = &gv, "/apis"
	if gv.Group == "" {
		c.APIPath = "/api"
	}
	c.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	c.AcceptContentTypes, c.ContentType = runtime.ContentTypeProtobuf+","+runtime.ContentTypeJSON, runtime.ContentTypeProtobuf
	client, err := rest.RESTClientFor(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// probe takes one object of one kind through its life.
type probe struct {
	t               *testing.T
	kind            served
	namespace, name string
	dynamic         dynamic.ResourceInterface
	metadata        metadata.ResourceInterface
	typed           *rest.RESTClient
}

func (p probe) run(sample *unstructured.Unstructured) {
	t, ctx := p.t, p.t.Context()
	watched, err := p.dynamic.Watch(ctx, metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", p.name).String()})
	if err != nil {
		t.Fatal(err)
	}
	defer watched.Stop()

	if _, err := p.dynamic.Create(ctx, sample, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
		t.Fatalf("create, but not really: %v", err)
	}
	if _, err := p.dynamic.Get(ctx, p.name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Fatalf("a dry run left something: %v", err)
	}
	made, err := p.dynamic.Create(ctx, sample, metav1.CreateOptions{FieldManager: "creator"})
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	if made.GetUID() == "" || made.GetResourceVersion() == "" || made.GetCreationTimestamp() == (metav1.Time{}) {
		t.Errorf("created without what the server sets: %v", made.Object["metadata"])
	}
	if _, err := p.dynamic.Create(ctx, sample, metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
		t.Errorf("create again: %v", err)
	}
	p.patch(types.JSONPatchType, `[{"op":"add","path":"/metadata/labels","value":{"json":"yes"}}]`)
	p.patch(types.MergePatchType, `{"metadata":{"labels":{"merge":"yes"}}}`)
	p.patch(types.StrategicMergePatchType, `{"metadata":{"labels":{"strategic":"yes"}}}`)
	applied := &unstructured.Unstructured{Object: map[string]any{"apiVersion": sample.GetAPIVersion(), "kind": sample.GetKind(),
		"metadata": map[string]any{"name": p.name, "labels": map[string]any{"apply": "yes"}}}}
	if _, err := p.dynamic.Apply(ctx, p.name, applied, metav1.ApplyOptions{FieldManager: "applier"}); err != nil {
		t.Errorf("apply: %v", err)
	}
	p.update(made.GetUID())
	p.see(made.GetUID())

	if err := p.dynamic.Delete(ctx, p.name, metav1.DeleteOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
		t.Errorf("delete, but not really: %v", err)
	}
	other := types.UID("another")
	if err := p.dynamic.Delete(ctx, p.name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &other}}); !apierrors.IsConflict(err) {
		t.Errorf("delete another: %v", err)
	}
	if slices.Contains(p.kind.Verbs, "deletecollection") {
		err = p.dynamic.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "update=yes", FieldSelector: "metadata.name=" + p.name})
	} else {
		err = p.dynamic.Delete(ctx, p.name, metav1.DeleteOptions{})
	}
	if err != nil {
		t.Errorf("delete: %v", err)
	}
	p.follow(watched, made.GetUID())
}

// patch sends a patch and looks for the label that it sets, which is called after its type.
func (p probe) patch(kind types.PatchType, body string) {
	p.t.Helper()
	label := map[types.PatchType]string{types.JSONPatchType: "json", types.MergePatchType: "merge", types.StrategicMergePatchType: "strategic"}[kind]
	after, err := p.dynamic.Patch(p.t.Context(), p.name, kind, []byte(body), metav1.PatchOptions{FieldManager: "patcher"})
	if err != nil {
		p.t.Errorf("patch %s: %v", kind, err)
	} else if after.GetLabels()[label] != "yes" {
		p.t.Errorf("after a patch %s the labels are %v", kind, after.GetLabels())
	}
}

// update replaces the object by the typed client; a controller may be quicker.
func (p probe) update(uid types.UID) {
	p.t.Helper()
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		obj, err := p.get()
		if err != nil {
			return err
		}
		m, err := meta.Accessor(obj)
		if err != nil {
			return err
		}
		if m.GetUID() != uid {
			p.t.Errorf("the typed client got %q, want %q", m.GetUID(), uid)
		}
		m.SetLabels(map[string]string{"json": m.GetLabels()["json"], "merge": m.GetLabels()["merge"], "strategic": m.GetLabels()["strategic"], "apply": m.GetLabels()["apply"], "update": "yes"})
		stale := obj.DeepCopyObject()
		if err := p.request(p.typed.Put()).Body(obj).Do(p.t.Context()).Into(obj); err != nil {
			return err
		}
		if err := p.request(p.typed.Put()).Body(stale).Do(p.t.Context()).Error(); m.GetResourceVersion() != resourceVersion(stale) && !apierrors.IsConflict(err) {
			p.t.Errorf("an update of what is no more: %v", err)
		}
		return nil
	})
	if err != nil {
		p.t.Errorf("update: %v", err)
	}
}

func resourceVersion(obj runtime.Object) string {
	m, err := meta.Accessor(obj)
	if err != nil {
		return ""
	}
	return m.GetResourceVersion()
}

func (p probe) request(r *rest.Request) *rest.Request {
	return r.NamespaceIfScoped(p.namespace, p.kind.Namespaced).Resource(p.kind.Name).Name(p.name)
}

func (p probe) get() (runtime.Object, error) {
	obj, err := scheme.Scheme.New(p.kind.kind())
	if err != nil {
		return nil, err
	}
	return obj, p.request(p.typed.Get()).Do(p.t.Context()).Into(obj)
}

// see reads the object in every way there is.
func (p probe) see(uid types.UID) {
	p.t.Helper()
	t, ctx := p.t, p.t.Context()
	partial, err := p.metadata.Get(ctx, p.name, metav1.GetOptions{})
	if err != nil {
		t.Fatalf("its metadata: %v", err)
	}
	for _, label := range []string{"json", "merge", "strategic", "apply", "update"} {
		if partial.Labels[label] != "yes" {
			t.Errorf("label %s is gone: %v", label, partial.Labels)
		}
	}
	managers := map[string]metav1.ManagedFieldsOperationType{}
	for _, f := range partial.ManagedFields {
		managers[f.Manager] = f.Operation
	}
	if managers["patcher"] != metav1.ManagedFieldsOperationUpdate || managers["applier"] != metav1.ManagedFieldsOperationApply {
		t.Errorf("its fields are managed by %v", managers)
	}
	for what, list := range map[string]func() (metav1.ListInterface, []types.UID, error){
		"dynamic": func() (metav1.ListInterface, []types.UID, error) {
			l, err := p.dynamic.List(ctx, metav1.ListOptions{LabelSelector: "update=yes"})
			if err != nil {
				return nil, nil, err
			}
			return l, uids(l), nil
		},
		"metadata": func() (metav1.ListInterface, []types.UID, error) {
			l, err := p.metadata.List(ctx, metav1.ListOptions{LabelSelector: "update=yes"})
			if err != nil {
				return nil, nil, err
			}
			return l, uids(l), nil
		},
		"typed": func() (metav1.ListInterface, []types.UID, error) {
			l, err := scheme.Scheme.New(p.kind.GroupVersion().WithKind(p.kind.Kind + "List"))
			if err != nil {
				return nil, nil, err
			}
			if err := p.typed.Get().NamespaceIfScoped(p.namespace, p.kind.Namespaced).Resource(p.kind.Name).VersionedParams(&metav1.ListOptions{LabelSelector: "update=yes"}, scheme.ParameterCodec).Do(ctx).Into(l); err != nil {
				return nil, nil, err
			}
			lm, err := meta.ListAccessor(l)
			return lm, uids(l), err
		},
	} {
		if l, found, err := list(); err != nil || !slices.Contains(found, uid) || l.GetResourceVersion() == "" {
			t.Errorf("the %s list: %v, %v", what, found, err)
		}
	}
	table := p.request(p.typed.Get()).SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").Do(ctx)
	var shown metav1.Table
	if body, err := table.Raw(); err != nil || json.Unmarshal(body, &shown) != nil || len(shown.Rows) != 1 || len(shown.Rows[0].Cells) != len(shown.ColumnDefinitions) {
		t.Errorf("as a table: %v, %.300s", err, body)
	}
	if slices.Contains(p.kind.subresources, "status") {
		if s, err := p.dynamic.Get(ctx, p.name, metav1.GetOptions{}, "status"); err != nil || s.GetUID() != uid || s.GetKind() != p.kind.Kind {
			t.Errorf("its status: %v", err)
		}
		if _, err := p.dynamic.Patch(ctx, p.name, types.MergePatchType, []byte(`{"metadata":{"annotations":{"by":"status"}}}`), metav1.PatchOptions{}, "status"); err != nil {
			t.Errorf("patch its status: %v", err)
		}
	}
	if slices.Contains(p.kind.subresources, "scale") {
		if s, err := p.dynamic.Get(ctx, p.name, metav1.GetOptions{}, "scale"); err != nil || s.GetUID() != uid || s.GetKind() != "Scale" {
			t.Errorf("its scale: %v", err)
		}
	}
	if _, err := p.dynamic.Get(ctx, p.name, metav1.GetOptions{}, "nothing"); !apierrors.IsNotFound(err) {
		t.Errorf("a subresource that is none: %v", err)
	}
}

// uids are those of a list's items.
func uids(list runtime.Object) (out []types.UID) {
	_ = meta.EachListItem(list, func(o runtime.Object) error {
		m, err := meta.Accessor(o)
		if err == nil {
			out = append(out, m.GetUID())
		}
		return err
	})
	return out
}

// follow reads the watch to the object's end: each change once, in order.
func (p probe) follow(watched watch.Interface, uid types.UID) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	var seen []string
	last := uint64(0)
	for {
		select {
		case <-ctx.Done():
			p.t.Fatalf("the watch saw no end: %v", seen)
		case e, ok := <-watched.ResultChan():
			if !ok {
				p.t.Fatalf("the watch ended after %v", seen)
			}
			m, err := meta.Accessor(e.Object)
			if err != nil {
				p.t.Fatalf("%s: %v", e.Type, e.Object)
			}
			revision, err := strconv.ParseUint(m.GetResourceVersion(), 10, 64)
			if err != nil || revision <= last || m.GetUID() != uid {
				p.t.Errorf("%s of %q at %q after %d", e.Type, m.GetUID(), m.GetResourceVersion(), last)
			}
			last = revision
			seen = append(seen, fmt.Sprintf("%s@%d", e.Type, revision))
			if (e.Type == watch.Added) != (len(seen) == 1) {
				p.t.Errorf("the watch saw %v", seen)
			}
			if e.Type == watch.Deleted {
				return
			}
		}
	}
}
