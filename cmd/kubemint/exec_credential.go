package main

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"

	"github.com/spf13/cobra"
)

// tokenRequest asks the cluster for a token, as `kubectl create token` does.
type tokenRequest struct {
	namespace, name string
	audiences       []string
	life            time.Duration // 0: the server's default
}

// granted is a token and the end its holder was told, in the cluster's time.
type granted struct {
	Token string
	Ends  time.Time
}

// request gets a token by TokenRequest.
func (r tokenRequest) request(cmd *cobra.Command, client *remote.Client) (*granted, error) {
	spec := map[string]any{}
	if len(r.audiences) > 0 {
		spec["audiences"] = r.audiences
	}
	if r.life != 0 {
		spec["expirationSeconds"] = int64(r.life / time.Second)
	}
	var answer struct {
		Status struct {
			Token               string    `json:"token"`
			ExpirationTimestamp time.Time `json:"expirationTimestamp"`
		} `json:"status"`
	}
	path := "/api/v1/namespaces/" + url.PathEscape(r.namespace) + "/serviceaccounts/" + url.PathEscape(r.name) + "/token"
	err := client.Do(cmd.Context(), http.MethodPost, path, map[string]any{
		"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec,
	}, &answer)
	if err != nil {
		return nil, err
	}
	return &granted{Token: answer.Status.Token, Ends: answer.Status.ExpirationTimestamp}, nil
}

// tokenExec is the exec credential plugin (client.authentication.k8s.io/v1) that
// `kubeconfig create --exec` names: it prints a fresh token and when to come
// again. Clients judge that moment by their own clocks, so it is in wall time.
func (p *program) tokenExec() *cobra.Command {
	var account string
	var life time.Duration
	var audiences []string
	cmd := p.subverb("help.token.", "exec-credential", nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 0 {
			return wrongArguments(cmd)
		}
		namespace, name, err := accountFlag(account)
		if err != nil {
			return err
		}
		client, err := p.connect()
		if err != nil {
			return err
		}
		defer client.Close()
		got, err := tokenRequest{namespace, name, audiences, life}.request(cmd, client)
		if err != nil {
			return err
		}
		clock, err := client.Clock(cmd.Context())
		if err != nil {
			return err
		}
		credential := map[string]any{
			"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
			"status": map[string]any{"token": got.Token, "expirationTimestamp": wallEnd(got.Ends, clock, time.Now())},
		}
		return p.printJSON(credential)
	}
	cmd.Flags().StringVar(&account, "serviceaccount", "", p.flagText("serviceaccount"))
	cmd.Flags().DurationVar(&life, "duration", time.Hour, p.flagText("duration"))
	cmd.Flags().StringArrayVar(&audiences, "audience", nil, p.flagText("token-audience"))
	return cmd
}

// wallEnd is when, by this computer's clock, the cluster's clock will show end if
// nobody moves it: a cluster at twice the speed gets there in half the time. If
// somebody does, the client's next request is answered 401, and it comes again.
func wallEnd(end time.Time, clock *told.Clock, wall time.Time) time.Time {
	left := end.Sub(clock.Now)
	if clock.Rate > 0 && !clock.Paused {
		left = time.Duration(float64(left) / clock.Rate)
	}
	return wall.Add(left).UTC().Truncate(time.Second)
}

// accountFlag reads NAMESPACE/NAME or NAMESPACE:NAME.
func accountFlag(value string) (namespace, name string, err error) {
	for _, separator := range []string{"/", ":"} {
		namespace, name, ok := strings.Cut(value, separator)
		if ok && namespace != "" && name != "" && !strings.ContainsAny(name, "/:") {
			return namespace, name, nil
		}
	}
	return "", "", say.Failure("account.malformed", say.Params{"value": value}, nil)
}
