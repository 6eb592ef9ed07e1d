//go:build tools

package main

import _ "k8s.io/kube-openapi/cmd/openapi-gen" // pins the generator beside the library it must match
