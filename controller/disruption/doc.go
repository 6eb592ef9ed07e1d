// Package disruption counts, for each PodDisruptionBudget, the pods that are healthy and those that may be missed. An
// eviction (and so `kubectl drain`) is allowed or refused by what it writes into the budget's status.
package disruption
