package remote

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseWho(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want  Who
		fails bool
	}{
		"admin":                           {Who{Kind: Admin}, false},
		"anonymous":                       {Who{Kind: Anonymous}, false},
		"pod/app":                         {Who{Kind: Pod, Name: "app"}, false},
		"pod/shop/app":                    {Who{Kind: Pod, Namespace: "shop", Name: "app"}, false},
		"pod/":                            {Who{}, true},
		"pod//app":                        {Who{}, true},
		"pod/a/b/c":                       {Who{}, true},
		"user/jane":                       {Who{Kind: User, Name: "jane", Groups: []string{}}, false},
		"user/jane,dev,system:masters":    {Who{Kind: User, Name: "jane", Groups: []string{"dev", "system:masters"}}, false},
		"user/":                           {Who{}, true},
		"token/old.txt":                   {Who{Kind: Token, Name: "old.txt"}, false},
		"token/":                          {Who{}, true},
		"ci:jenkins":                      {Who{Kind: Account, Namespace: "ci", Name: "jenkins"}, false},
		"system:serviceaccount:ci:runner": {Who{Kind: Account, Namespace: "ci", Name: "runner"}, false},
		"jenkins":                         {Who{}, true},
		"ci:":                             {Who{}, true},
		"a:b:c":                           {Who{}, true},
		"":                                {Who{}, true},
	}
	for input, test := range tests {
		got, err := ParseWho(input)
		if (err != nil) != test.fails {
			t.Errorf("ParseWho(%q) error is %v", input, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("ParseWho(%q) (-want +got):\n%s", input, diff)
		}
	}
}
