// Package token is a node's cache of ServiceAccount tokens and the rule by which one is renewed.
//
// The rule, NeedsRefresh, is a pure function of the time, the token's life and a drawn jitter
// (KUB-3). The cache, Manager, holds tokens in memory only and looks at one when a volume that
// projects it is set up again; when that happens is the kubelet's business (Schedule, KUB-8).
//
// Caveats: the package never logs a token, never writes one to disk, and never revokes one.
package token
