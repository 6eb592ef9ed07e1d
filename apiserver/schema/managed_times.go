package schema

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// timeShift moves the times of managed fields between the cluster's clock and the wall clock. The
// library stamps what changed with time.Now and, with more than ten writers, folds together those
// who wrote longest ago: it must see all times on one clock, and everybody else the cluster's.
type timeShift struct {
	now    time.Time     // the cluster's
	wall   time.Time     // of the same moment
	offset time.Duration // cluster - wall
	known  []time.Time   // times moved to the wall clock, all of which were there before the write
}

func newTimeShift(now time.Time) *timeShift {
	wall := time.Now().Round(0) // never seen by anybody: see back
	return &timeShift{now: now, wall: wall, offset: now.Sub(wall)}
}

// into moves the times of an object's managed fields to the wall clock, in entries of their own. It
// keeps no entries apart from an empty list, which means a reset (API-164).
func (s *timeShift) into(obj runtime.Object) {
	accessor, err := meta.Accessor(obj)
	if err != nil {
		return
	}
	entries := slices.Clone(accessor.GetManagedFields())
	for i := range entries {
		if t := entries[i].Time; t != nil {
			moved := metav1.NewTime(t.Add(-s.offset))
			entries[i].Time = &moved
			s.known = append(s.known, moved.Time)
		}
	}
	accessor.SetManagedFields(entries)
}

func managedFieldsOf(obj runtime.Object) []metav1.ManagedFieldsEntry {
	accessor, err := meta.Accessor(obj)
	if err != nil {
		return nil
	}
	return accessor.GetManagedFields()
}

// back returns entries on the cluster's clock, in the order of API-163: those stamped since the shift
// was made get the cluster's now. It changes entries.
func (s *timeShift) back(entries []metav1.ManagedFieldsEntry) []metav1.ManagedFieldsEntry {
	for i := range entries {
		t := entries[i].Time
		if t == nil {
			continue
		}
		moved := metav1.NewTime(t.Add(s.offset))
		if !t.Time.Before(s.wall) && !slices.ContainsFunc(s.known, t.Time.Equal) {
			moved = metav1.NewTime(s.now.UTC().Truncate(time.Second))
		}
		entries[i].Time = &moved
	}
	slices.SortStableFunc(entries, compareEntries)
	return entries
}

// compareEntries orders managed fields: Apply before Update, then by second, manager, version and
// subresource.
func compareEntries(a, b metav1.ManagedFieldsEntry) int {
	second := func(t *metav1.Time) int64 {
		if t == nil {
			return 0
		}
		return t.Unix()
	}
	return cmp.Or(
		cmp.Compare(a.Operation, b.Operation),
		cmp.Compare(second(a.Time), second(b.Time)),
		cmp.Compare(a.Manager, b.Manager),
		cmp.Compare(a.APIVersion, b.APIVersion),
		cmp.Compare(a.Subresource, b.Subresource),
	)
}

// KeepManagedTimes returns the managed fields to store after a write: before if after differs from it
// in nothing but times, so that a write that changes nothing else is none (API-79), otherwise after.
func KeepManagedTimes(before, after []metav1.ManagedFieldsEntry) []metav1.ManagedFieldsEntry {
	same := slices.EqualFunc(before, after, func(a, b metav1.ManagedFieldsEntry) bool {
		return a.Manager == b.Manager && a.Operation == b.Operation && a.APIVersion == b.APIVersion &&
			a.Subresource == b.Subresource && a.FieldsType == b.FieldsType && sameFields(a.FieldsV1, b.FieldsV1)
	})
	if same {
		return before
	}
	return after
}

func sameFields(a, b *metav1.FieldsV1) bool {
	return a == b || a != nil && b != nil && a.Equal(*b)
}
