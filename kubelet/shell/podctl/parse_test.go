package podctl

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseWritesAnew(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                       "",
		"get pods":                               "get pods",
		"get pods -n x -o wide":                  "get --namespace=x --output=wide pods",
		"-n x get pods":                          "get --namespace=x pods",
		"-o json get pods":                       "get --output=json pods",
		"get -Aw pods":                           "get --all-namespaces --watch pods",
		"get -nx pods":                           "get --namespace=x pods",
		"get -n=x pods":                          "get --namespace=x pods",
		"get --all_namespaces pods":              "get --all-namespaces pods",
		"get pods --token abc":                   "get --token=abc pods",
		"apply -f a.yaml":                        "apply --filename=-",
		"apply -f a.yaml -f b.yaml --dry-run":    "apply --filename=- --dry-run",
		"apply --dry-run server -f -":            "refused",
		"create token ci --duration 10m":         "create token --duration=10m ci",
		"create secret generic s --type=t":       "create secret generic --type=t s",
		"create job j --image=b -- date -u":      "create job --image=b j -- date -u",
		"logs -f web -c app":                     "logs --follow --container=app web",
		"auth can-i get pods --as=x":             "auth can-i --as=x get pods",
		"label pod web a=b c-":                   "label pod web a=b c-",
		"version --client":                       "version --client",
		"get pods -- -f":                         "get pods -- -f",
		"get pods -o jsonpath={.items[0]}":       "get --output=jsonpath={.items[0]} pods",
		"help get":                               "help get",
		"--help":                                 "--help",
		"get --raw /api/v1":                      "get --raw=/api/v1",
		"exec web -- cat /etc/passwd":            "refused",
		"cp web:/a /b":                           "refused",
		"edit pod web":                           "refused",
		"config view --raw":                      "refused",
		"proxy":                                  "refused",
		"plugin list":                            "refused",
		"port-forward web 80":                    "refused",
		"diff -f x":                              "refused",
		"completion bash":                        "refused",
		"apply -k .":                             "refused",
		"apply --kustomize=.":                    "refused",
		"apply edit-last-applied pod web":        "refused",
		"create -f x --edit":                     "refused",
		"create plugin-of-mine":                  "refused",
		"create configmap c --from-file=/etc":    "refused",
		"create cm c --from-env-file=/etc/a":     "refused",
		"create secret tls s --cert=/a --key=/b": "refused",
		"create secret generic s --from-file /a": "refused",
		"get pods --kubeconfig=/root/.kube/c":    "refused",
		"get pods --kubeconfig /root/.kube/c":    "refused",
		"--kubeconfig /x get pods":               "refused",
		"get pods --certificate-authority=/a":    "refused",
		"get pods --client-certificate=/a":       "refused",
		"get pods --client-key=/a":               "refused",
		"get pods --cache-dir=/tmp":              "refused",
		"get pods --profile=cpu":                 "refused",
		"get pods --profile-output=/tmp/x":       "refused",
		"get pods --log-file=/tmp/x":             "refused",
		"get pods --kuberc=/tmp/x":               "refused",
		"get pods --context=other":               "refused",
		"get pods -o go-template-file=/etc/a":    "refused",
		"get pods -o=jsonpath-file=/etc/a":       "refused",
		"get pods -ocustom-columns-file=/etc/a":  "refused",
		"get pods -o templatefile=/etc/a":        "refused",
		"get pods -o jsonpath-file --template=a": "refused",
		"create -f https://host/x.yaml":          "refused",
		"create -f a.yaml,http://host/x.yaml":    "refused",
		"create --raw /api -f x":                 "refused",
		"delete --raw /api":                      "refused",
		"get pods --names":                       "refused",
		"get pods -n":                            "refused",
		"get pods -Z":                            "refused",
	} {
		r, err := Parse(strings.Fields(in))
		got := "refused"
		var refusal *Refusal
		switch {
		case err == nil:
			got = strings.Join(r.Words, " ")
		case !errors.As(err, &refusal) || strings.Contains(err.Error(), "\n"):
			t.Errorf("%q: the refusal is %q", in, err)
		}
		if got != want {
			t.Errorf("%q became %q (%v), want %q", in, got, err, want)
		}
	}
}

func TestFilesAreKeptAside(t *testing.T) {
	t.Parallel()
	r, err := Parse([]string{"apply", "-R", "-f", "a.yaml,b", "--filename=-"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Request{Words: []string{"apply", "--filename=-"}, Files: []string{"a.yaml", "b", "-"}, Recursive: true}, r); diff != "" {
		t.Error(diff)
	}
}

// Whatever the words, what comes out is read the same way again, names no file and is none of the verbs
// that do more than ask the API server.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"get pods -n x", "apply -f a --dry-run=server", "-v 6 create secret generic a --from-literal=a=b", "create job a --image b -- x -y", "get -o jsonpath-file=a", "-- get", "get --=x", "get -=x", "apply edit-last-applied"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		first, err := Parse(strings.Split(line, " "))
		if err != nil {
			return
		}
		second, err := Parse(first.Words)
		if err != nil {
			t.Fatalf("%q became %q, which is refused: %v", line, first.Words, err)
		}
		if !slices.Equal(first.Words, second.Words) {
			t.Fatalf("%q became %q, and that %q", line, first.Words, second.Words)
		}
		for _, name := range second.Files {
			if name != "-" {
				t.Fatalf("%q names the file %q", line, name)
			}
		}
		for _, w := range first.Words {
			if w == "--" {
				break
			}
			for _, bad := range []string{"--kubeconfig", "--from-file", "--from-env-file", "--kustomize", "--edit", "--cert", "--key", "--client-key", "--cache-dir", "--profile-output", "-k", "-f"} {
				if w == bad || strings.HasPrefix(w, bad+"=") {
					t.Fatalf("%q lets %q through", line, w)
				}
			}
		}
	})
}
