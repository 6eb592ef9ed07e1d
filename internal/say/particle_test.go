package say

import "testing"

func TestParticle(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"token": "token을", "secret": "secret을", "get": "get을", "bot": "bot을", "configmap": "configmap을", "app": "app을", "web": "web을",
		"rollback": "rollback을", "static": "static을", "group": "group을", "kubelet": "kubelet을", "\"shop\"": "\"shop\"을", "역할": "역할을", "3": "3을", "role": "role을",
		"pod": "pod를", "default": "default를", "list": "list를", "account": "account를", "watch": "watch를", "update": "update를", "task": "task를", "endpoint": "endpoint를",
		"root": "root를", "loop": "loop를", "check": "check를", "log": "log를", "노드": "노드를", "2": "2를", "k": "k를", "": "를",
	} {
		if got := word + particle(word, "을", "를"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for word, want := range map[string]string{"role": "로", "pod": "로", "secret": "으로", "서울": "로", "토큰": "으로"} {
		if got := particle(word, "으로", "로"); got != want {
			t.Errorf("%s%s, want %s", word, got, want)
		}
	}
}
