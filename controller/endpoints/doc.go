// Package endpoints lists the pods behind each Service, as EndpointSlices and as the older Endpoints. Only IPv4 exists
// here, slices hold up to a hundred endpoints and are not balanced, and nothing depends on zones.
package endpoints
