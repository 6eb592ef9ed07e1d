package image

// users are the USERs of those known images that do not run as root.
func users() map[string]string {
	return map[string]string{
		"nginxinc/nginx-unprivileged":     "101",
		"bitnami/nginx":                   "1001",
		"hashicorp/http-echo":             "65532",
		"gcr.io/google-samples/hello-app": "nonroot",
		"us-docker.pkg.dev/google-samples/containers/gke/hello-app": "nonroot",
		"curlimages/curl":               "curl_user",
		"bitnami/kubectl":               "1001",
		"bitnamilegacy/kubectl":         "1001",
		"rancher/kubectl":               "1000",
		"prom/prometheus":               "nobody",
		"quay.io/prometheus/prometheus": "nobody",
		"jenkins/jenkins":               "jenkins",
		"jenkins":                       "jenkins",
		"memcached":                     "memcache",
		"registry.k8s.io/pause":         "65535",
		"k8s.gcr.io/pause":              "65535",
	}
}

// User is whom an image runs as when nobody says otherwise: a number, a name, or root. It is unknown for
// an image that is.
func User(name string) (user string, known bool) {
	if _, known = Find(name); !known {
		return "", false
	}
	repository := repositoryOf(name)
	for n, u := range users() {
		if repositoryOf(n) == repository {
			return u, true
		}
	}
	return "root", true
}
