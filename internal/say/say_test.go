package say

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	tests := []struct {
		flag    string
		locales []string
		want    Language
		fails   bool
	}{
		{"", nil, English, false},
		{"", []string{"", "ko_KR.UTF-8"}, Korean, false},
		{"", []string{"en_US.UTF-8", "ko_KR.UTF-8"}, English, false},
		{"", []string{"C.UTF-8"}, English, false},
		{"", []string{"kok_IN"}, English, false},
		{"ko", []string{"en_US.UTF-8"}, Korean, false},
		{"en", []string{"ko_KR.UTF-8"}, English, false},
		{"fr", nil, English, true},
	}
	for _, test := range tests {
		got, err := Choose(test.flag, test.locales...)
		if got != test.want || (err != nil) != test.fails {
			t.Errorf("Choose(%q, %q) = %v, %v", test.flag, test.locales, got, err)
		}
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	tests := []struct {
		language Language
		template string
		params   Params
		want     string
	}{
		{English, "{n} {n:pod|pods}", Params{"n": 1}, "1 pod"},
		{English, "{n} {n:pod|pods}", Params{"n": 3}, "3 pods"},
		{English, "jsonpath={{.spec}}", nil, "jsonpath={.spec}"},
		{English, "in {d}", Params{"d": 417 * time.Second}, "in 6m57s"},
		{English, "at {t}", Params{"t": time.Date(2026, 11, 23, 8, 30, 9, 0, time.UTC)}, "at 08:30:09"},
		{English, "{list}", Params{"list": []string{"a", "b"}}, "a, b"},
		{English, "missing {x}", nil, "missing {x}"},
		{Korean, "{pod:은/는} {d} 남음", Params{"pod": "파드", "d": 417 * time.Second}, "파드는 6분 57초 남음"},
		{Korean, "{name:이/가}", Params{"name": "토큰"}, "토큰이"},
		{Korean, "{name:으로/로}", Params{"name": "서울"}, "서울로"},
		{Korean, "{name:을/를}", Params{"name": "token"}, "token을"},
		{Korean, "{name:을/를}", Params{"name": "\"default\""}, "\"default\"를"},
		{Korean, "{n:이/가}", Params{"n": 403}, "403이"},
	}
	for _, test := range tests {
		if got := In(test.language).render(test.template, test.params); got != test.want {
			t.Errorf("render(%q, %v) = %q, want %q", test.template, test.params, got, test.want)
		}
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	tests := []struct {
		d      time.Duration
		en, ko string
	}{
		{0, "0s", "0초"},
		{300 * time.Millisecond, "300ms", "300밀리초"},
		{9 * time.Second, "9s", "9초"},
		{10 * time.Minute, "10m", "10분"},
		{time.Hour, "1h", "1시간"},
		{90 * time.Minute, "1h30m", "1시간 30분"},
		{364*24*time.Hour + time.Hour, "364 days", "364일"},
		{-2 * time.Minute, "-2m", "-2분"},
	}
	for _, test := range tests {
		if got := In(English).Duration(test.d); got != test.en {
			t.Errorf("%v is %q in English, want %q", test.d, got, test.en)
		}
		if got := In(Korean).Duration(test.d); got != test.ko {
			t.Errorf("%v is %q in Korean, want %q", test.d, got, test.ko)
		}
	}
}

func TestErrorSpeaksThroughWrapping(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	err := fmt.Errorf("starting: %w", Failure("lang.unknown", Params{"lang": "fr"}, cause))
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	if got, want := In(Korean).Error(err), In(Korean).Say("lang.unknown", Params{"lang": "fr"}); got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if got := In(Korean).Error(cause); got != "cause" {
		t.Errorf("Error() = %q, want the error's own text", got)
	}
}

func TestWrapCountsWideCharacters(t *testing.T) {
	t.Parallel()
	got := Wrap("파드 목록이 보일까요", 12, "  ")
	if want := "  파드\n  목록이\n  보일까요"; got != want {
		t.Errorf("Wrap() = %q, want %q", got, want)
	}
	if got := Wrap("  kubectl get pods -A --and-so-on", 10, ""); got != "  kubectl get pods -A --and-so-on" {
		t.Errorf("a command was broken: %q", got)
	}
}
