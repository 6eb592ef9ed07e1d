package image

import (
	"slices"
	"strings"
	"sync"
)

// Image is one whose behaviour is known.
type Image struct {
	Name       string   // as people write it
	Aliases    []string // other repositories with the same content
	Entrypoint []string
	Command    []string // of a container without args
	Does       Does
	Ports      []uint16 // what it listens on
	Bytes      int64    // its size, about
	Family     Family   // empty: Debian
	Dir        string   // the working directory; empty: /
	Has        []string // directories besides those of every image
}

// Does says in a word what an image does by itself; the sentences are in package say, by this code.
type Does string

// What images do.
const (
	Serves   Does = "serves"   // a page or an answer, over HTTP
	Shell    Does = "shell"    // sh, which ends at once without a terminal
	Runs     Does = "runs"     // the command that its arguments are for
	Listens  Does = "listens"  // accepts connections and says little
	Demands  Does = "demands"  // as Listens, if it is given a password
	Scrapes  Does = "scrapes"  // lists pods with its account's token
	Deploys  Does = "deploys"  // creates a Deployment with its account's token
	Idles    Does = "idles"    // waits until it is stopped
	Echoes   Does = "echoes"   // answers with what it was asked
	Registry Does = "registry" // serves an empty registry
)

// All lists the images that are known, in the order in which they are shown.
func All() []Image {
	sh := []string{"sh"}
	return []Image{
		{Name: "nginx", Aliases: []string{"bitnami/nginx", "registry.k8s.io/nginx-slim", "k8s.gcr.io/nginx-slim"}, Entrypoint: []string{"/docker-entrypoint.sh"}, Command: []string{"nginx", "-g", "daemon off;"}, Does: Serves, Ports: []uint16{80}, Bytes: 72_324_501, Has: []string{"/usr/share/nginx/html", "/etc/nginx/conf.d"}},
		{Name: "nginxinc/nginx-unprivileged", Entrypoint: []string{"/docker-entrypoint.sh"}, Command: []string{"nginx", "-g", "daemon off;"}, Does: Serves, Ports: []uint16{8080}, Bytes: 72_330_118, Has: []string{"/usr/share/nginx/html", "/etc/nginx/conf.d"}},
		{Name: "httpd", Command: []string{"httpd-foreground"}, Does: Serves, Ports: []uint16{80}, Bytes: 45_153_872, Dir: "/usr/local/apache2", Has: []string{"/usr/local/apache2/htdocs"}},
		{Name: "caddy", Command: []string{"caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"}, Does: Serves, Ports: []uint16{80}, Bytes: 22_341_907, Family: Alpine, Dir: "/srv", Has: []string{"/usr/share/caddy", "/etc/caddy"}},
		{Name: "hashicorp/http-echo", Entrypoint: []string{"/http-echo"}, Does: Serves, Ports: []uint16{5678}, Bytes: 5_114_390},
		{Name: "gcr.io/google-samples/hello-app", Aliases: []string{"us-docker.pkg.dev/google-samples/containers/gke/hello-app"}, Entrypoint: []string{"./hello-app"}, Does: Serves, Ports: []uint16{8080}, Bytes: 11_539_240, Family: Alpine},
		{Name: "traefik/whoami", Aliases: []string{"containous/whoami"}, Entrypoint: []string{"/whoami"}, Does: Echoes, Ports: []uint16{80}, Bytes: 2_851_402},
		{Name: "kicbase/echo-server", Aliases: []string{"registry.k8s.io/echoserver", "k8s.gcr.io/echoserver", "ealen/echo-server"}, Entrypoint: []string{"/bin/echo-server"}, Does: Echoes, Ports: []uint16{8080}, Bytes: 2_100_331},
		{Name: "busybox", Aliases: []string{"registry.k8s.io/busybox", "k8s.gcr.io/busybox", "gcr.io/google-containers/busybox", "registry.k8s.io/e2e-test-images/busybox"}, Command: sh, Does: Shell, Bytes: 2_224_358, Family: Busybox},
		{Name: "alpine", Command: []string{"/bin/sh"}, Does: Shell, Bytes: 3_802_451, Family: Alpine},
		{Name: "ubuntu", Aliases: []string{"debian"}, Command: []string{"/bin/bash"}, Does: Shell, Bytes: 29_723_146},
		{Name: "fedora", Aliases: []string{"rockylinux", "almalinux", "centos", "amazonlinux", "opensuse/leap"}, Command: []string{"/bin/bash"}, Does: Shell, Bytes: 59_003_187},
		{Name: "bash", Command: []string{"bash"}, Does: Shell, Bytes: 6_118_006, Family: Alpine},
		{Name: "nicolaka/netshoot", Command: []string{"bash"}, Does: Shell, Bytes: 201_442_110, Family: Alpine, Dir: "/root"},
		{Name: "curlimages/curl", Aliases: []string{"alpine/curl"}, Entrypoint: []string{"/entrypoint.sh"}, Command: []string{"curl"}, Does: Runs, Bytes: 9_420_817, Family: Alpine, Dir: "/home/curl_user"},
		{Name: "bitnami/kubectl", Aliases: []string{"registry.k8s.io/kubectl", "rancher/kubectl", "bitnamilegacy/kubectl"}, Entrypoint: []string{"kubectl"}, Command: []string{"--help"}, Does: Runs, Bytes: 48_113_204},
		{Name: "alpine/k8s", Command: []string{"bash"}, Does: Shell, Bytes: 260_118_532, Family: Alpine},
		{Name: "prom/prometheus", Aliases: []string{"quay.io/prometheus/prometheus"}, Entrypoint: []string{"/bin/prometheus"}, Command: []string{"--config.file=/etc/prometheus/prometheus.yml"}, Does: Scrapes, Ports: []uint16{9090}, Bytes: 121_507_338, Family: Busybox, Dir: "/prometheus"},
		{Name: "jenkins/jenkins", Aliases: []string{"jenkins"}, Entrypoint: []string{"/usr/local/bin/jenkins.sh"}, Does: Deploys, Ports: []uint16{8080, 50000}, Bytes: 276_943_870},
		{Name: "redis", Aliases: []string{"valkey/valkey"}, Entrypoint: []string{"docker-entrypoint.sh"}, Command: []string{"redis-server"}, Does: Listens, Ports: []uint16{6379}, Bytes: 50_113_205, Dir: "/data"},
		{Name: "memcached", Entrypoint: []string{"docker-entrypoint.sh"}, Command: []string{"memcached"}, Does: Listens, Ports: []uint16{11211}, Bytes: 30_817_260},
		{Name: "mongo", Entrypoint: []string{"docker-entrypoint.sh"}, Command: []string{"mongod"}, Does: Listens, Ports: []uint16{27017}, Bytes: 285_118_774, Has: []string{"/data/db"}},
		{Name: "rabbitmq", Entrypoint: []string{"docker-entrypoint.sh"}, Command: []string{"rabbitmq-server"}, Does: Listens, Ports: []uint16{5672}, Bytes: 98_230_118},
		{Name: "mysql", Entrypoint: []string{"docker-entrypoint.sh"}, Command: []string{"mysqld"}, Does: Demands, Ports: []uint16{3306}, Bytes: 230_911_647, Has: []string{"/var/lib/mysql"}},
		{Name: "mariadb", Entrypoint: []string{"docker-entrypoint.sh"}, Command: []string{"mariadbd"}, Does: Demands, Ports: []uint16{3306}, Bytes: 118_204_377, Has: []string{"/var/lib/mysql"}},
		{Name: "postgres", Entrypoint: []string{"docker-entrypoint.sh"}, Command: []string{"postgres"}, Does: Demands, Ports: []uint16{5432}, Bytes: 155_420_930, Has: []string{"/var/lib/postgresql/data"}},
		{Name: "registry", Entrypoint: []string{"registry", "serve"}, Command: []string{"/etc/docker/registry/config.yml"}, Does: Registry, Ports: []uint16{5000}, Bytes: 10_202_871, Family: Alpine},
		{Name: "perl", Command: []string{"perl", "-de0"}, Does: Shell, Bytes: 336_374_010, Dir: "/usr/src/app"},
		{Name: "registry.k8s.io/e2e-test-images/agnhost", Aliases: []string{"k8s.gcr.io/e2e-test-images/agnhost"}, Entrypoint: []string{"/agnhost"}, Command: []string{"pause"}, Does: Idles, Bytes: 51_706_353, Family: Alpine},
		{Name: "registry.k8s.io/e2e-test-images/jessie-dnsutils", Aliases: []string{"k8s.gcr.io/e2e-test-images/jessie-dnsutils", "registry.k8s.io/e2e-test-images/dnsutils"}, Command: []string{"sh", "-c", "sleep infinity"}, Does: Idles, Bytes: 112_030_336},
		{Name: "registry.k8s.io/pause", Aliases: []string{"k8s.gcr.io/pause", "gcr.io/google-containers/pause"}, Entrypoint: []string{"/pause"}, Does: Idles, Bytes: 318_731},
	}
}

// index is every image by its repository.
var index = sync.OnceValue(func() map[string]Image {
	m := map[string]Image{}
	for _, i := range All() {
		for _, name := range append([]string{i.Name}, i.Aliases...) {
			m[repositoryOf(name)] = i
		}
	}
	return m
})

// Find looks up what is known of an image, whatever its tag.
func Find(name string) (Image, bool) {
	i, ok := index()[repositoryOf(name)]
	return i, ok
}

// repositoryOf is a name with its registry and without a tag.
func repositoryOf(name string) string {
	repository, _, _ := strings.Cut(complete(name), "@")
	if colon := strings.LastIndexByte(repository, ':'); colon > strings.LastIndexByte(repository, '/') {
		return repository[:colon]
	}
	return repository
}

// Argv is what a container runs: its own command and args, in place of its image's entrypoint and command. What
// an entrypoint's script makes of them has been done. It is empty for an image that is not known, if the
// container has neither.
func Argv(i Image, command, args []string) []string {
	switch {
	case len(command) > 0:
		return slices.Concat(command, args)
	case len(args) == 0:
		args = i.Command
	case strings.HasPrefix(args[0], "-") && len(i.Command) > 0 && wraps(i.Entrypoint), i.Does == Runs && strings.Contains(args[0], "://"):
		args = slices.Concat(i.Command[:1], args) // options alone are for the usual program
	}
	if wraps(i.Entrypoint) && len(args) > 0 {
		return slices.Clone(args)
	}
	return slices.Concat(i.Entrypoint, args)
}

// wraps says whether an entrypoint is a script that ends by running its arguments.
func wraps(entrypoint []string) bool {
	return len(entrypoint) == 1 && strings.HasSuffix(entrypoint[0], "entrypoint.sh")
}
