// Package prepare wipes from an object what its sender may not set and stamps what the server alone decides: status, generation,
// finalizers, a job's labels, who asked for a certificate.
//
// # Basics
//
// Create is called after uid, name and creation time are set and before validation; Update after the optimistic lock. Both are pure
// functions over typed objects: time and user come in by Context. What is foreign to an endpoint is dropped in silence, never an error
// (API-81): the main endpoint keeps the stored status, /status keeps the stored spec.
//
// Bind is what a scheduler's Binding does to a pod; ScaleOf and SetScale are the scale subresource.
package prepare
