package told

import "time"

// Nodes are the nodes of a cluster.
type Nodes struct {
	Now   time.Time `json:"now"`
	Nodes []Node    `json:"nodes"`
}

// Node is a Node object, or one that kubemint simulates and that has not registered yet.
type Node struct {
	Name string `json:"name"`
	// Ready is the status of the condition of that name: True, False or Unknown; empty: no Node yet.
	Ready string `json:"ready"`
	// Since is when the condition last changed.
	Since *time.Time `json:"since,omitempty"`
	// Cordoned: it takes no new pods.
	Cordoned bool   `json:"cordoned"`
	Address  string `json:"address,omitempty"`
	// Pods are bound to it and have not ended.
	Pods int `json:"pods"`
	// Simulated: it is one of kubemint's own. What follows is known of those alone.
	Simulated bool `json:"simulated"`
	// Cut: its kubelet cannot reach the API server.
	Cut bool `json:"cut"`
	// SkewSeconds is how far its clock is ahead of the cluster's; negative: behind.
	SkewSeconds float64 `json:"skewSeconds"`
	// LastHeard is when the API server last took a renewal of its lease.
	LastHeard *time.Time `json:"lastHeard,omitempty"`
}
