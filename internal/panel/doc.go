// Package panel is what people question and steer a cluster by: /kubemint/v1, what kubemint has to say beside Kubernetes. It tells the
// time and moves it, tells the stories of requests, explains rights and tokens, shows what lies in a pod's directory, rotates keys,
// and lets nodes come, go and lose their connection.
//
// Its paths are non-resource paths under the same authentication and RBAC as all others, so that nobody has them but administrators until
// somebody grants them. It decides nothing: what it answers is what the rooms of the cluster know (package told has the shapes that
// package why turns into sentences), and it never shows a token or a key.
package panel
