package kubemint_test

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/kubemint/kubemint"
)

// TestMetadataOfTheServer: what a client may not set is kept as it was without a word, or refused, as a real server does (API-72, API-77, API-80).
func TestMetadataOfTheServer(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	ctx, maps := t.Context(), r.Admin.CoreV1().ConfigMaps("default")
	past := metav1.NewTime(time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC))
	forged := metav1.ObjectMeta{
		Name: "cm", UID: "mine", CreationTimestamp: past, DeletionTimestamp: &past, DeletionGracePeriodSeconds: ptr.To[int64](7), SelfLink: "/mine",
		ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "liar", Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "v1", FieldsType: "FieldsV1", Time: &past,
			FieldsV1: &metav1.FieldsV1{Raw: []byte(`{"f:data":{"f:other":{}}}`)}}},
	}
	made, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: forged, Data: map[string]string{"k": "1"}}, metav1.CreateOptions{FieldManager: "maker"})
	if err != nil {
		t.Fatal(err)
	}
	if made.UID == "mine" || made.CreationTimestamp.Equal(&past) || made.DeletionTimestamp != nil || made.DeletionGracePeriodSeconds != nil || made.SelfLink != "" {
		t.Errorf("made with what its maker said: %+v", made.ObjectMeta)
	}
	for _, test := range []struct {
		what    string
		change  func(m *metav1.ObjectMeta)
		refused string
	}{
		{what: "another time of creation", change: func(m *metav1.ObjectMeta) { m.CreationTimestamp = past }},
		{what: "no time of creation", change: func(m *metav1.ObjectMeta) { m.CreationTimestamp = metav1.Time{} }},
		{what: "no uid", change: func(m *metav1.ObjectMeta) { m.UID = "" }},
		{what: "another generation", change: func(m *metav1.ObjectMeta) { m.Generation = 5 }},
		{what: "a self link", change: func(m *metav1.ObjectMeta) { m.SelfLink = "/here" }},
		{what: "another uid", change: func(m *metav1.ObjectMeta) { m.UID = "mine" }, refused: "Precondition failed: UID in precondition: mine, UID in object meta: " + string(made.UID)},
		{what: "a time of deletion", change: func(m *metav1.ObjectMeta) { m.DeletionTimestamp = &past }, refused: "metadata.deletionTimestamp: Invalid value: "},
		{what: "a grace period", change: func(m *metav1.ObjectMeta) { m.DeletionGracePeriodSeconds = ptr.To[int64](7) }, refused: "metadata.deletionGracePeriodSeconds: Invalid value: "},
	} {
		now, err := maps.Get(ctx, "cm", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		sent := now.DeepCopy()
		test.change(&sent.ObjectMeta)
		after, err := maps.Update(ctx, sent, metav1.UpdateOptions{FieldManager: "maker"})
		switch {
		case test.refused != "":
			if err == nil || !strings.Contains(err.Error(), test.refused) {
				t.Errorf("%s: %v, want %q", test.what, err, test.refused)
			}
		case err != nil:
			t.Errorf("%s: %v", test.what, err)
		case after.ResourceVersion != now.ResourceVersion || after.UID != now.UID || !after.CreationTimestamp.Equal(&now.CreationTimestamp) || after.Generation != now.Generation || after.SelfLink != "":
			t.Errorf("%s: %+v, want %+v", test.what, after.ObjectMeta, now.ObjectMeta)
		}
	}

	// Who owns the fields can be forgotten, by an empty list, and nothing else of it be said in an update that changes nothing.
	if _, err := maps.Patch(ctx, "cm", types.MergePatchType, []byte(`{"metadata":{"managedFields":[{}]}}`), metav1.PatchOptions{}); err != nil {
		t.Errorf("forget the owners: %v", err)
	}
	now, err := maps.Get(ctx, "cm", metav1.GetOptions{})
	if err != nil || len(now.ManagedFields) != 0 {
		t.Errorf("after they were forgotten, fields are managed by %v, %v", now.ManagedFields, err)
	}
	if _, err := maps.Patch(ctx, "cm", types.MergePatchType, []byte(`{"metadata":{"finalizers":["example.com/wait"]}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := maps.Delete(ctx, "cm", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	going, err := maps.Get(ctx, "cm", metav1.GetOptions{})
	if err != nil || going.DeletionTimestamp == nil {
		t.Fatalf("on its way out: %+v, %v", going, err)
	}
	stays := going.DeepCopy()
	stays.DeletionTimestamp, stays.DeletionGracePeriodSeconds, stays.Data = nil, nil, map[string]string{"k": "2"}
	after, err := maps.Update(ctx, stays, metav1.UpdateOptions{})
	if err != nil || !after.DeletionTimestamp.Equal(going.DeletionTimestamp) || *after.DeletionGracePeriodSeconds != 0 {
		t.Errorf("called back: %+v, %v", after, err)
	}
	after.Finalizers = append(after.Finalizers, "example.com/another")
	if _, err := maps.Update(ctx, after, metav1.UpdateOptions{}); !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "no new finalizers can be added if the object is being deleted") {
		t.Errorf("another finalizer: %v", err)
	}
	after.Finalizers = nil
	if _, err := maps.Update(ctx, after, metav1.UpdateOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := maps.Get(ctx, "cm", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("it is still there: %v", err)
	}
}
