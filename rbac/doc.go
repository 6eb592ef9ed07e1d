// Package rbac decides who may do what, by the rules of rbac.authorization.k8s.io/v1, and explains its decisions.
//
// It is a library of its own: it knows nothing of HTTP, of storage or of the rest of kubemint, and takes the types of
// k8s.io/api/rbac/v1 as they are.
//
// # Basics
//
// A [Policy] is an immutable set of Roles, ClusterRoles, RoleBindings and ClusterRoleBindings. [Policy.Authorize]
// answers one question against it, [Policy.RulesFor] lists what somebody holds, [Covers] compares two sets of rules.
// [Policy.Explain] says what almost allowed a request and what the smallest fix is, [Policy.WhoCan] turns the question
// around, [Diff] compares two policies and [Policy.Lint] looks for mistakes and for ways to gain power.
// An [Index] is the one mutable cell of the package: it holds the current Policy and replaces it at each Set and Delete.
//
// Policies are persistent structures: a changed policy shares all but a few nodes with its predecessor, so that taking a
// snapshot costs nothing and an update costs a few microseconds however many bindings there are. Bindings are found by
// subject, so that a decision costs the bindings of that user and those groups and never the bindings of others.
//
// # Caveats
//
// Rules only ever add up; nothing in RBAC denies. A policy never fails: what cannot be resolved (a binding to a role
// that does not exist) grants nothing and is named in the reason of a refusal. Objects handed in are kept and must not
// be changed afterwards. Where several bindings allow a request the first one by name is reported, so that the same
// question always has the same answer.
package rbac
