package workload

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/dump"
	"k8s.io/apimachinery/pkg/util/rand"
)

// younger are the fields that the types have and Kubernetes 1.36 does not: unset, they do not count.
var younger = strings.NewReplacer(" EvictionResponders:([]v1.EvictionResponder)<nil>", "")

// Hash tells one template from another. It is the hash Kubernetes puts into names and labels: FNV-1a of a
// printed form, and of the number of collisions if there were any.
func Hash(t *corev1.PodTemplateSpec, collisions *int32) string {
	h := fnv.New32a()
	h.Write([]byte(younger.Replace(dump.ForHash(*t))))
	if collisions != nil {
		var b [8]byte
		binary.LittleEndian.PutUint32(b[:], uint32(*collisions))
		h.Write(b[:])
	}
	return rand.SafeEncodeString(fmt.Sprint(h.Sum32()))
}
