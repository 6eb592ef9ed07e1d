package why

import (
	"time"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/internal/told"
)

// anonymous is who sends no credential.
const anonymous = "system:anonymous"

// who says who sent a request and by which credential.
func who(st *told.Story) []Paragraph {
	sender := st.User
	if st.Real != "" {
		sender = st.Real
	}
	params := say.Params{"user": sender}
	method := "anonymous"
	var token *told.Token
	for _, a := range st.Authentication {
		if a.Outcome == "ok" {
			method, token = a.Method, a.Token
		}
	}
	code := "who-by." + method
	if token != nil {
		switch {
		case token.Legacy:
			code = "who-by.legacy-token"
			params["secret"] = token.Secret
		case token.Ends != nil:
			left := token.Ends.Sub(st.At).Round(time.Second)
			params["left"] = max(left, 0)
			switch {
			case left <= 0 && token.Signed != nil:
				code = "who-by.stale-token"
			case token.Pod != "":
				code = "who-by.pod-token"
			default:
				code = "who-by.account-token.left"
			}
			params["pod"] = token.Pod
		}
	}
	out := []Paragraph{one(code, params)}
	if st.Real != "" {
		out = append(out, one("why.who.impersonated", say.Params{"user": st.User}))
	}
	if st.AlsoToken {
		out = append(out, one("why.who.also-token", nil))
	}
	return out
}
