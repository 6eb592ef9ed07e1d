package kubectl

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/internal/kubeconfig"

	"k8s.io/component-base/version"
)

func TestMain(m *testing.M) {
	Intercept()
	os.Exit(m.Run())
}

func TestCommandIsKubectlOfTheEmbeddedVersion(t *testing.T) {
	t.Parallel()
	command := Command(t.Context(), filepath.Join(t.TempDir(), "none"), "version", "--client", "-o", "json")
	output, err := command.Output()
	if err != nil {
		t.Fatalf("kubectl version: %v", err)
	}
	var answer struct {
		ClientVersion struct{ GitVersion string }
	}
	if err := json.Unmarshal(output, &answer); err != nil {
		t.Fatal(err)
	}
	if answer.ClientVersion.GitVersion != Version {
		t.Errorf("client version is %q, want %q", answer.ClientVersion.GitVersion, Version)
	}
}

func TestVersionIsThatOfTheModules(t *testing.T) {
	t.Parallel()
	if got := "v" + version.DefaultKubeBinaryVersion + "."; !strings.HasPrefix(Version, got) {
		t.Errorf("Version is %s, but the modules are those of %sx", Version, got)
	}
}

// The start of kubectl costs twice as much with translations; see package quiet.
func TestNoTranslationIsLoaded(t *testing.T) {
	t.Parallel()
	command := Command(t.Context(), filepath.Join(t.TempDir(), "none"), "--help")
	command.Env = append(command.Env, "LC_ALL=ko_KR.UTF-8")
	output, err := command.Output()
	if err != nil {
		t.Fatalf("kubectl --help: %v", err)
	}
	if !strings.Contains(string(output), "Modify kubeconfig files") {
		t.Errorf("kubectl speaks another language than English:\n%s", output)
	}
}

// Ages of `kubectl events` are those of the cluster's clock, an hour ahead here.
func TestAgesFollowTheClusterClock(t *testing.T) {
	t.Parallel()
	const ahead = time.Hour
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		now := time.Now().Add(ahead)
		switch r.URL.Path {
		case "/kubemint/v1/clock":
			fmt.Fprintf(w, `{"now":%q}`, now.Format(time.RFC3339Nano))
		case "/api/v1/namespaces/default/events":
			seen := now.Add(-5 * time.Minute).UTC().Format(time.RFC3339)
			fmt.Fprintf(w, `{"kind":"EventList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[
				{"metadata":{"name":"e","namespace":"default"},"involvedObject":{"kind":"Pod","name":"app"},
				 "type":"Normal","reason":"Started","message":"m","firstTimestamp":%q,"lastTimestamp":%q}]}`, seen, seen)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := (kubeconfig.Access{Server: server.URL}).Write(file); err != nil {
		t.Fatal(err)
	}
	output, err := Command(t.Context(), file, "events").CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl events: %v\n%s", err, output)
	}
	if !strings.Contains(string(output), "5m") || strings.Contains(string(output), "invalid") {
		t.Errorf("kubectl events printed\n%s", output)
	}
}
