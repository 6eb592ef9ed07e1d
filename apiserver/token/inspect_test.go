package token

import (
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	corev1 "k8s.io/api/core/v1"
)

func TestClean(t *testing.T) {
	t.Parallel()
	const raw = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln"
	encode := func(order binary.AppendByteOrder, mark bool) string {
		var b []byte
		if mark {
			b = order.AppendUint16(b, 0xfeff)
		}
		for _, u := range utf16.Encode([]rune(raw + "\r\n")) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	for name, input := range map[string]string{
		"as it is":               raw,
		"a line break behind":    raw + "\r\n",
		"line breaks inside":     raw[:10] + "\n  " + raw[10:25] + "\r\n" + raw[25:],
		"a byte order mark":      "\ufeff" + raw,
		"UTF-16 with a mark":     encode(binary.LittleEndian, true),
		"UTF-16 big-endian":      encode(binary.BigEndian, true),
		"UTF-16 without a mark":  encode(binary.LittleEndian, false),
		"UTF-16 BE without mark": encode(binary.BigEndian, false),
		"Bearer":                 "Bearer " + raw,
		"bearer in small":        "bearer\t" + raw,
		"the whole header":       "Authorization: Bearer " + raw,
		"quoted":                 `"` + raw + `"`,
		"header in quotes":       "'authorization: bearer " + raw + "'\n",
	} {
		if got := Clean([]byte(input)); got != raw {
			t.Errorf("%s: %q", name, got)
		}
	}
	for in, want := range map[string]string{"": "", "x": "x", "bearertoken": "bearertoken", "\x00": ""} {
		if got := Clean([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func outcomes(checks []Check) string {
	var out []string
	for _, c := range checks {
		out = append(out, string(c.Step)+" "+string(c.Outcome))
	}
	return strings.Join(out, ", ")
}

// TestInspect walks through the models of the voice: what a report must hold for each story.
func TestInspect(t *testing.T) {
	t.Parallel()
	pod := func(r *Request) {
		r.Pod, r.Node, r.Seconds, r.WarnAfter = &Ref{"p1", "pod-1"}, &Ref{"node-1", "node-uid-1"}, ExtendedSeconds, MountedSeconds
	}
	remake := func(s *scene) {
		s.accounts["ci/robot"] = &corev1.ServiceAccount{ObjectMeta: meta("ci", "robot", "sa-9")}
	}
	for _, tt := range []struct {
		name   string
		ask    func(*Request)
		then   func(*scene)
		after  time.Duration
		code   string
		beyond string
		advice string
		check  func(*testing.T, *Report)
	}{
		{name: "a pod's token, 41 minutes old", ask: pod, after: 41 * time.Minute, check: func(t *testing.T, r *Report) {
			if r.Bound.Kind != "pod" || r.Bound.State != Alive || r.Account.State != Alive || r.Node != "node-1" {
				t.Errorf("bound %+v, account %+v", r.Bound, r.Account)
			}
			if told, signed := r.Told.Sub(start), r.Ends.Sub(start); told != 3607*time.Second || signed != 365*24*time.Hour {
				t.Errorf("told %v, signed %v", told, signed)
			}
			if from, to := r.Refresh.From.Sub(start), r.Refresh.To.Sub(start); from != 2877*time.Second || to != 2886*time.Second { // KUB-4
				t.Errorf("refresh %v to %v", from, to)
			}
			if !r.ForAPI || r.User != "system:serviceaccount:ci:robot" || r.Alg != "ES256" || len(r.Kid) != 43 {
				t.Errorf("report %+v", r)
			}
		}},
		{name: "made by hand, in force", advice: AdviceSwitch, check: func(t *testing.T, r *Report) {
			if r.Bound != nil || r.Refresh != nil {
				t.Errorf("bound %+v, refresh %+v", r.Bound, r.Refresh)
			}
		}},
		{name: "made by hand, ended", after: time.Hour + 2*time.Minute, code: CodeExpired,
			beyond: "account ok", advice: AdviceCreate + " " + AdviceSwitch},
		{name: "its account was made again", then: remake, code: CodeAccountUID, advice: AdviceCreate + " " + AdviceSwitch,
			check: func(t *testing.T, r *Report) {
				if r.Account.State != Replaced || r.Account.Current != "sa-9" || r.Account.UID != "sa-1" {
					t.Errorf("account %+v", r.Account)
				}
			}},
		{name: "its account is gone", then: func(s *scene) { delete(s.accounts, "ci/robot") }, code: CodeAccountMissing, advice: AdviceAccount},
		{name: "its pod is gone", ask: pod, then: func(s *scene) { delete(s.pods, "ci/p1") }, code: CodeBoundMissing, advice: AdviceRepod,
			check: func(t *testing.T, r *Report) {
				if r.Bound.State != Missing || r.Account.State != Alive {
					t.Errorf("bound %+v, account %+v", r.Bound, r.Account)
				}
			}},
		{name: "ended, and the pod was made again", ask: pod, after: 366 * 24 * time.Hour, then: func(s *scene) { s.pods["ci/p1"].UID = "pod-9" },
			code: CodeExpired, beyond: "account ok, pod failed", advice: AdviceRepod, check: func(t *testing.T, r *Report) {
				if r.Bound.State != Replaced || r.Bound.Current != "pod-9" {
					t.Errorf("bound %+v", r.Bound)
				}
			}},
		{name: "for another audience", ask: func(r *Request) { r.Audiences = []string{"vault"} }, code: CodeAudience,
			beyond: "time ok, account ok", advice: AdviceAudience, check: func(t *testing.T, r *Report) {
				if r.ForAPI {
					t.Error("it is said to be for the API")
				}
			}},
		{name: "its key was retired", then: func(s *scene) {
			_, _ = s.keys.Rotate(ecKey(t, "second"))
			_ = s.keys.Retire(s.keys.Verifying()[0].ID())
		}, code: CodeUnknownKey, advice: AdviceKey, check: func(t *testing.T, r *Report) {
			if r.Proven || r.User == "" || r.Account.State != "" {
				t.Errorf("unproven claims: %+v", r)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			raw := s.mint(t, tt.ask)
			if tt.then != nil {
				tt.then(s)
			}
			s.clock.pass(tt.after)
			r := s.verifier.Inspect(raw, nil)
			if r.Accepted != (tt.code == "") || r.Code != tt.code {
				t.Errorf("accepted %v, code %q", r.Accepted, r.Code)
			}
			if got := outcomes(r.Beyond); got != tt.beyond {
				t.Errorf("beyond: %s, want %s", got, tt.beyond)
			}
			var advice []string
			for _, a := range r.Advice {
				advice = append(advice, a.Code)
			}
			if got := strings.Join(advice, " "); got != tt.advice {
				t.Errorf("advice %s, want %s", got, tt.advice)
			}
			if tt.check != nil {
				tt.check(t, r)
			}
			data, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range strings.Split(raw, ".") {
				if strings.Contains(string(data), part) {
					t.Errorf("the report gives a part of the token away: %s", data)
				}
			}
		})
	}
}

func TestInspectOtherForms(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if r := s.verifier.Inspect("opaque", nil); r.Form != FormOpaque || r.Accepted || len(r.Advice) != 0 {
		t.Errorf("opaque: %+v", r)
	}
	if r := s.verifier.Inspect("ey.ey.ey", nil); r.Form != FormOpaque || len(r.Advice) != 1 || r.Advice[0].Code != AdviceCopy {
		t.Errorf("cut off: %+v", r)
	}
	good := s.mint(t, nil)
	s.verifier.Issuers = []string{"https://elsewhere"}
	if r := s.verifier.Inspect(good, nil); r.Form != FormForeign || r.Advice[0].Code != AdviceCluster {
		t.Errorf("foreign: %+v", r)
	}
	raw, _ := s.withSecret(t)
	r := s.verifier.Inspect(raw, nil)
	if r.Form != FormLegacy || !r.Accepted || r.Ends != nil || r.Bound.Kind != "secret" || r.Bound.State != Alive || !r.ForAPI {
		t.Errorf("legacy: %+v, bound %+v", r, r.Bound)
	}
	if !slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Step == StepCopy && c.Outcome == OK }) {
		t.Errorf("checks %s", outcomes(r.Checks))
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", "a", "Bearer a.b.c", "\xff\xfea\x00", "\xfe\xff\x00a", "'x'"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if got := Clean(data); strings.ContainsAny(got, " \r\n\t\x00") {
			t.Errorf("%q is not clean", got)
		}
	})
}
