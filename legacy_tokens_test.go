package kubemint_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"

	"github.com/kubemint/kubemint"
)

// tokenSecret asks for a Secret with a token for an account.
func (r *running) tokenSecret(name, account string) {
	r.t.Helper()
	s := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{corev1.ServiceAccountNameKey: account}},
		Type:       corev1.SecretTypeServiceAccountToken,
	}
	if _, err := r.Admin.CoreV1().Secrets("default").Create(r.t.Context(), s, metav1.CreateOptions{}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) secret(name string) *corev1.Secret {
	r.t.Helper()
	s, err := r.Admin.CoreV1().Secrets("default").Get(r.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// changeSecret updates a Secret, of which the server may be noting the use meanwhile.
func (r *running) changeSecret(name string, change func(*corev1.Secret)) {
	r.t.Helper()
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		s := r.secret(name)
		change(s)
		_, err := r.Admin.CoreV1().Secrets("default").Update(r.t.Context(), s, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// filled waits until a token Secret has its three keys and returns its token.
func (r *running) filled(name string) string {
	r.t.Helper()
	var s *corev1.Secret
	eventually(r.t, "secret "+name+" is filled", func() bool {
		s = r.secret(name)
		return len(s.Data) == 3 && len(s.Data[corev1.ServiceAccountTokenKey]) > 0 && s.Annotations[corev1.ServiceAccountUIDKey] != ""
	})
	return string(s.Data[corev1.ServiceAccountTokenKey])
}

// leap jumps, and leaves what falls due then to those who wait for it: after a year it may take longer than a clock waits.
func (r *running) leap(d string) {
	r.t.Helper()
	if code, body := r.call("", "POST", "/kubemint/v1/clock", `{"do":"leap","duration":"`+d+`"}`); code != 200 {
		r.t.Fatalf("leap %s: %d %s", d, code, body)
	}
}

// TestLifeOfALegacySecret: filled, refilled with the very same token by an RSA key, dead at once with its Secret, removed with its
// account (ERA-21 to ERA-26, JWT-10, JWT-11, AUTH-27).
func TestLifeOfALegacySecret(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{SigningAlgorithm: "RS256"})
	secrets := r.Admin.CoreV1().Secrets("default")
	sa := r.account("robot")
	r.tokenSecret("hand", "robot")
	token := r.filled("hand")
	s := r.secret("hand")
	if s.Annotations[corev1.ServiceAccountUIDKey] != string(sa.UID) || string(s.Data[corev1.ServiceAccountNamespaceKey]) != "default" ||
		!bytes.HasPrefix(s.Data[corev1.ServiceAccountRootCAKey], []byte("-----BEGIN CERTIFICATE-----")) {
		t.Errorf("the Secret holds %v, %v", s.Annotations, s.Data)
	}
	claims := claimsOf(t, token)
	if want := `{"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"default","kubernetes.io/serviceaccount/secret.name":"hand",` +
		`"kubernetes.io/serviceaccount/service-account.name":"robot","kubernetes.io/serviceaccount/service-account.uid":"` + string(sa.UID) +
		`","sub":"system:serviceaccount:default:robot"}`; claims != want {
		t.Errorf("JWT-10: the token says %s, want %s", claims, want)
	}
	if list, err := r.Admin.CoreV1().ServiceAccounts("default").Get(t.Context(), "robot", metav1.GetOptions{}); err != nil || len(list.Secrets) != 0 {
		t.Errorf("ERA-21: the account refers to %v (%v)", list.Secrets, err)
	}
	review := r.review(token)
	if !review.Authenticated || review.User.Username != "system:serviceaccount:default:robot" || len(review.User.Extra) != 0 {
		t.Errorf("AUTH-23: the review says %+v", review)
	}

	r.changeSecret("hand", func(s *corev1.Secret) { delete(s.Data, corev1.ServiceAccountTokenKey) })
	if again := r.filled("hand"); again != token {
		t.Error("JWT-11: the Secret was refilled with another token")
	}
	if err := secrets.Delete(t.Context(), "hand", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	r.refused("its Secret deleted", token, "Token has been invalidated")
	r.tokenSecret("hand", "robot")
	r.filled("hand")
	r.accepted("CONF-10: a Secret of that name again", token)

	r.tokenSecret("orphan", "nobody")
	eventually(t, "ERA-23: a Secret for nobody is removed", func() bool {
		_, err := secrets.Get(t.Context(), "orphan", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
	if err := r.Admin.CoreV1().ServiceAccounts("default").Delete(t.Context(), "robot", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if code, _ := r.call(token, "GET", "/api", ""); code != 401 {
		t.Errorf("its account deleted: %d", code)
	}
	eventually(t, "ERA-25: the Secret goes with its account", func() bool {
		_, err := secrets.Get(t.Context(), "hand", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

// TestSecretsAndRefusals: what the API says to token Secrets that are none (ERA-22).
func TestSecretsAndRefusals(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	const path = "/api/v1/namespaces/default/secrets"
	code, body := r.call("", "POST", path, `{"metadata":{"name":"x"},"type":"kubernetes.io/service-account-token"}`)
	if code != 422 || !strings.Contains(body, `metadata.annotations[kubernetes.io/service-account.name]: Required value`) {
		t.Errorf("without the annotation: %d %s", code, body)
	}
	r.tokenSecret("hand", "default")
	r.filled("hand")
	code, body = r.call("", "PATCH", path+"/hand", `{"type":"Opaque"}`, "Content-Type", "application/merge-patch+json")
	if code != 422 || !strings.Contains(body, `field is immutable`) {
		t.Errorf("another type: %d %s", code, body)
	}
}

// TestUseOfLegacyTokensIsTracked: a day's first use is written on the Secret (AUTH-29a), an auto-generated one's brings a warning
// (AUTH-29), and 1.26 does neither (ERA-10).
func TestUseOfLegacyTokensIsTracked(t *testing.T) {
	t.Parallel()
	const label = "kubernetes.io/legacy-token-last-used"
	r := start(t, kubemint.Config{Start: time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)})
	r.account("robot")
	r.tokenSecret("hand", "robot")
	token := r.filled("hand")
	if used := r.secret("hand").Labels[label]; used != "" {
		t.Errorf("unused, it says %q", used)
	}
	r.accepted("a legacy token", token)
	eventually(t, "its use is noted", func() bool { return r.secret("hand").Labels[label] == "2030-05-01" })
	r.clock(`{"do":"advance","duration":"48h"}`)
	r.accepted("two days later", token)
	eventually(t, "its use is noted anew", func() bool { return r.secret("hand").Labels[label] == "2030-05-03" })
	since, err := r.Admin.CoreV1().ConfigMaps("kube-system").Get(t.Context(), "kube-apiserver-legacy-service-account-token-tracking", metav1.GetOptions{})
	if err != nil || since.Data["since"] != "2030-05-01" {
		t.Errorf("SA-20: tracked since %v (%v)", since.Data, err)
	}

	old := start(t, kubemint.Config{EmulatedVersion: "1.26"})
	old.tokenSecret("hand", "default")
	old.accepted("in 1.26", old.filled("hand"))
	old.clock(`{"do":"advance","duration":"1m"}`)
	if used := old.secret("hand").Labels[label]; used != "" {
		t.Errorf("1.26 notes %q", used)
	}
}

// TestTheCleanerOverTwoYears: an auto-generated Secret that nobody used for a year is marked invalid, which the token feels at once, and
// after another year deleted; one made by hand stays (ERA-40 to ERA-43, AUTH-28).
func TestTheCleanerOverTwoYears(t *testing.T) {
	t.Parallel()
	yes := true
	r := start(t, kubemint.Config{AutoSecret: &yes, Start: time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)})
	r.account("robot")
	name := ""
	eventually(t, "robot has its Secret", func() bool { name = r.autoSecret("robot"); return name != "" })
	token := r.filled(name)
	r.tokenSecret("hand", "robot")
	byHand := r.filled("hand")
	const mark = "kubernetes.io/legacy-token-invalid-since"

	r.leap("8880h") // 370 days
	eventually(t, "the Secret is marked", func() bool { return r.secret(name).Labels[mark] == "2031-01-06" })
	r.refused("a token marked invalid", token, "has been marked invalid. Use tokens from the TokenRequest API")
	r.accepted("one made by hand", byHand)

	r.changeSecret(name, func(s *corev1.Secret) { delete(s.Labels, mark) })
	r.accepted("AUTH-28: its mark removed", token)
	eventually(t, "its use is noted", func() bool { return r.secret(name).Labels["kubernetes.io/legacy-token-last-used"] == "2031-01-06" })

	r.leap("8880h")
	eventually(t, "the Secret is marked again", func() bool { return r.secret(name).Labels[mark] == "2032-01-11" })
	r.leap("8880h")
	eventually(t, "the Secret is deleted", func() bool {
		_, err := r.Admin.CoreV1().Secrets("default").Get(t.Context(), name, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
	r.accepted("one made by hand, after three years", byHand)
}

// TestAutoSecretComesBack: up to 1.23 an account never stays without (ERA-20, ERA-26).
func TestAutoSecretComesBack(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{EmulatedVersion: "1.22"})
	first := ""
	eventually(t, "default has its Secret", func() bool { first = r.autoSecret("default"); return first != "" })
	token := r.filled(first)
	if err := r.Admin.CoreV1().Secrets("default").Delete(t.Context(), first, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	r.refused("its Secret deleted", token, "Token has been invalidated")
	eventually(t, "default has another", func() bool {
		next := r.autoSecret("default")
		return next != "" && next != first
	})
	r.accepted("the new one", r.filled(r.autoSecret("default")))
}
