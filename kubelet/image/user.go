package image

import (
	"strconv"
	"strings"
)

// users are the USERs of those known images that do not run as root.
func users() map[string]string {
	return map[string]string{
		"nginxinc/nginx-unprivileged": "101",
		"bitnami/nginx":               "1001",
		"hashicorp/http-echo":         "65532",
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

// Account is an entry of an image's /etc/passwd, or a number that has none: then it has no Name.
type Account struct {
	Name, Group string
	UID, GID    int64
	Home        string
}

// accounts are what the images' files have of the users above; their homes are theirs.
func accounts() map[string]Account {
	return map[string]Account{
		"101":       {Name: "nginx", Group: "nginx", UID: 101, GID: 101, Home: "/nonexistent"},
		"65532":     {Name: "nonroot", Group: "nonroot", UID: 65532, GID: 65532, Home: "/home/nonroot"},
		"nonroot":   {Name: "nonroot", Group: "nonroot", UID: 65532, GID: 65532, Home: "/home/nonroot"},
		"curl_user": {Name: "curl_user", Group: "curl_group", UID: 100, GID: 101, Home: "/home/curl_user"},
		"nobody":    {Name: "nobody", Group: "nobody", UID: 65534, GID: 65534, Home: "/home"},
		"jenkins":   {Name: "jenkins", Group: "jenkins", UID: 1000, GID: 1000, Home: "/var/jenkins_home"},
		"memcache":  {Name: "memcache", Group: "memcache", UID: 11211, GID: 11211, Home: "/home/memcache"},
		"65535":     {UID: 65535, GID: 65535},
	}
}

// RunsAs is the account that an image runs as when nobody says otherwise, root for one that is not known.
func RunsAs(name string) Account {
	user, _ := User(name)
	if a, ok := accounts()[user]; ok {
		return a
	}
	if uid, err := strconv.ParseInt(user, 10, 64); err == nil {
		return Account{UID: uid} // a number without an entry gets root's group
	}
	return Account{Name: "root", Group: "root", Home: "/root"}
}

// Family is what an image's everyday tools and its files of users are made of.
type Family string

// The families that differ in their words.
const (
	Debian  Family = "debian"  // and what is like it: GNU tools
	Busybox Family = "busybox" // the image of that name
	Alpine  Family = "alpine"  // busybox, too
)

// FamilyOf goes by what is known of an image, and by its tag.
func FamilyOf(name string) Family {
	tag := ""
	if at := strings.LastIndexByte(name, ':'); at > strings.LastIndexByte(name, '/') {
		tag = name[at+1:]
	}
	i, _ := Find(name)
	switch {
	case strings.Contains(tag, "alpine"):
		return Alpine
	case strings.Contains(tag, "busybox"):
		return Busybox
	case i.Family == "":
		return Debian
	}
	return i.Family
}
