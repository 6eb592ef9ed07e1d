package clienttest

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	metafake "k8s.io/client-go/metadata/fake"
)

// NewMetadataClient makes a simulated API of objects' metadata that holds these,
// with watches as those of a Clientset.
func NewMetadataClient(objects ...*metav1.PartialObjectMetadata) *metafake.FakeMetadataClient {
	scheme := metafake.NewTestScheme()
	if err := metav1.AddMetaToScheme(scheme); err != nil {
		panic(fmt.Sprintf("a new scheme refuses the kinds of metadata: %v", err))
	}
	held := make([]runtime.Object, len(objects))
	for i, o := range objects {
		held[i] = o
	}
	c := metafake.NewSimpleMetadataClient(scheme, held...)
	newTracker(c.Tracker()).serve(&c.Fake)
	return c
}
