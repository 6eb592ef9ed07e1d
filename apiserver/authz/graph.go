package authz

import (
	"sync"

	corev1 "k8s.io/api/core/v1"
)

// Graph knows which node runs a pod that needs an object (NODE-10). It is fed with every pod and volume as part of their
// writing, and asked with every request of a kubelet. Its methods may be called concurrently.
type Graph struct {
	mu sync.RWMutex
	// pods remembers what each pod led to, to take it back.
	pods map[vertex]podEdges
	// nodes counts, per object, the pods on each node that need it.
	nodes map[vertex]map[string]int
	// volumes maps a PersistentVolume to the claim it is bound to and the secrets its driver reads, secretVolumes back.
	volumes       map[string]volumeEdges
	secretVolumes map[vertex]map[string]bool
	attachments   map[string]string
}

type vertexKind uint8

const (
	vertexPod vertexKind = iota
	vertexSecret
	vertexConfigMap
	vertexAccount
	vertexClaim
	vertexVolume
	vertexResourceClaim
	vertexAttachment
)

type vertex struct {
	kind            vertexKind
	namespace, name string
}

type podEdges struct {
	node  string
	needs []vertex
}

type volumeEdges struct {
	claim   vertex
	secrets []vertex
}

// NewGraph returns an empty graph.
func NewGraph() *Graph {
	return &Graph{
		pods: map[vertex]podEdges{}, nodes: map[vertex]map[string]int{}, volumes: map[string]volumeEdges{},
		secretVolumes: map[vertex]map[string]bool{}, attachments: map[string]string{},
	}
}

// SetPod enters a pod as it is now, in the place of what was known of that name. A pod without a node has no edges, a
// mirror pod only the one to its node (NODE-7 of the accounts).
func (g *Graph) SetPod(pod *corev1.Pod) {
	id := vertex{vertexPod, pod.Namespace, pod.Name}
	edges := podEdges{node: pod.Spec.NodeName}
	if edges.node != "" {
		edges.needs = append(edges.needs, id)
		if _, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]; !mirror {
			edges.needs = append(edges.needs, podNeeds(pod)...)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(id)
	if edges.node == "" {
		return
	}
	g.pods[id] = edges
	for _, v := range edges.needs {
		if g.nodes[v] == nil {
			g.nodes[v] = map[string]int{}
		}
		g.nodes[v][edges.node]++
	}
}

// DeletePod takes a pod out.
func (g *Graph) DeletePod(namespace, name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(vertex{vertexPod, namespace, name})
}

func (g *Graph) forget(id vertex) {
	edges, ok := g.pods[id]
	if !ok {
		return
	}
	delete(g.pods, id)
	for _, v := range edges.needs {
		counts := g.nodes[v]
		if counts[edges.node]--; counts[edges.node] == 0 {
			delete(counts, edges.node)
		}
		if len(counts) == 0 {
			delete(g.nodes, v)
		}
	}
}

// SetVolume enters a PersistentVolume: it belongs to whoever uses the claim it is bound to.
func (g *Graph) SetVolume(pv *corev1.PersistentVolume) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forgetVolume(pv.Name)
	ref := pv.Spec.ClaimRef
	if ref == nil {
		return
	}
	edges := volumeEdges{claim: vertex{vertexClaim, ref.Namespace, ref.Name}}
	for _, s := range volumeSecrets(pv) {
		edges.secrets = append(edges.secrets, s)
		if g.secretVolumes[s] == nil {
			g.secretVolumes[s] = map[string]bool{}
		}
		g.secretVolumes[s][pv.Name] = true
	}
	g.volumes[pv.Name] = edges
}

// DeleteVolume takes a PersistentVolume out.
func (g *Graph) DeleteVolume(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forgetVolume(name)
}

func (g *Graph) forgetVolume(name string) {
	for _, s := range g.volumes[name].secrets {
		if delete(g.secretVolumes[s], name); len(g.secretVolumes[s]) == 0 {
			delete(g.secretVolumes, s)
		}
	}
	delete(g.volumes, name)
}

// SetAttachment enters a VolumeAttachment, which belongs to one node; an empty node takes it out.
func (g *Graph) SetAttachment(name, node string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if node == "" {
		delete(g.attachments, name)
		return
	}
	g.attachments[name] = node
}

// reaches reports whether a path leads from the object to the node.
func (g *Graph) reaches(v vertex, node string) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	switch v.kind {
	case vertexVolume:
		return g.volumeReaches(v.name, node)
	case vertexAttachment:
		return g.attachments[v.name] == node
	}
	if g.nodes[v][node] > 0 {
		return true
	}
	if v.kind == vertexSecret {
		for volume := range g.secretVolumes[v] {
			if g.volumeReaches(volume, node) {
				return true
			}
		}
	}
	return false
}

func (g *Graph) volumeReaches(volume, node string) bool {
	edges, ok := g.volumes[volume]
	return ok && g.nodes[edges.claim][node] > 0
}
