package rest

import (
	"context"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/apiserver/request"
)

// dedupOwners removes owner references that are there twice, and says so (API-84).
func dedupOwners(ctx context.Context, obj runtime.Object, admitted bool) error {
	m, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	refs := m.GetOwnerReferences()
	if len(refs) < 2 {
		return nil
	}
	seen := map[owner]bool{}
	var kept []metav1.OwnerReference
	var doubled []string
	for _, ref := range refs {
		o := ownerOf(ref)
		if seen[o] {
			doubled = append(doubled, string(ref.UID))
			continue
		}
		seen[o] = true
		kept = append(kept, ref)
	}
	if len(doubled) == 0 {
		return nil
	}
	m.SetOwnerReferences(kept)
	when := ""
	if admitted {
		when = " after mutating admission happens"
	}
	request.Warn(ctx, ".metadata.ownerReferences contains duplicate entries"+when+"; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "+strings.Join(doubled, ", "))
	return nil
}

// owner is an owner reference by its values.
type owner struct {
	version, kind, name string
	uid                 types.UID
	controller, blocks  string
}

func ownerOf(r metav1.OwnerReference) owner {
	said := func(b *bool) string {
		if b == nil {
			return ""
		}
		return strconv.FormatBool(*b)
	}
	return owner{r.APIVersion, r.Kind, r.Name, r.UID, said(r.Controller), said(r.BlockOwnerDeletion)}
}
