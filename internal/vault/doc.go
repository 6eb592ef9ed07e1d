// Package vault is a small vault outside of the cluster, as HashiCorp's Vault is one: what programs that run nowhere in the cluster read
// their tokens from. It is not in the API server's storage and no Kubernetes object.
//
// [Vault.Do] answers requests by method and path as Vault's HTTP API names them: secrets with versions below secret/ (KV version 2), the
// Kubernetes auth method, whose logins the cluster's TokenReview judges, policies, and the vault's own tokens. Package cli is its command
// line. All times are the cluster's.
package vault
