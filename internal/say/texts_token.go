package say

// checkTexts say why a check of a credential failed; the codes are the engines'.
func checkTexts() texts {
	return texts{
		"token.form.not-a-jwt":   {"it is no JWT: {parts} parts instead of 3", "JWT가 아닙니다({parts}개 부분, 3개여야 함)"},
		"token.form.malformed":   {"its {part} cannot be read", "{part:을/를} 읽을 수 없습니다"},
		"token.form.doubled":     {"its {part} says something twice", "{part}에 같은 항목이 두 번 있습니다"},
		"token.issuer.foreign":   {"it was issued by {issuer}; accepted here: {accepted}", "발급자가 {issuer}입니다. 여기서 받아들이는 발급자: {accepted}"},
		"token.signature.no-key": {"no key of this cluster made the signature (kid {kid})", "이 클러스터의 키로 만든 서명이 아닙니다(kid {kid})"},
		"token.signature.alg":    {"the algorithm {alg} does not belong to key {kid}", "알고리즘 {alg:은/는} 키 {kid}에 맞지 않습니다"},
		"token.signature.bad":    {"the signature is wrong ({alg}, key {kid}): it was changed or forged", "서명이 맞지 않습니다({alg}, 키 {kid}). 바뀌었거나 위조된 토큰입니다"},
		"token.signature.dropped": {
			"key {kid} counts only for tokens made before {until}; this one is of {issued}",
			"키 {kid:은/는} {until} 이전에 발급된 토큰에만 쓰이는데, 이 토큰은 {issued}에 발급되었습니다",
		},
		"token.audience.other":  {"it is for {audiences}, not for {wanted}", "대상이 {audiences}이고 {wanted:이/가} 아닙니다"},
		"token.time.expired":    {"ended {ended}; it is {now} (the {leeway} grace is over)", "{ended}에 만료되었습니다. 지금은 {now}입니다(유예 {leeway}도 지남)"},
		"token.time.not-yet":    {"begins {begins}; it is {now}", "{begins}부터 유효합니다. 지금은 {now}입니다"},
		"token.time.future":     {"says it was issued {issued}, in the future; it is {now}", "발급 시각이 미래({issued})입니다. 지금은 {now}입니다"},
		"token.account.missing": {"its account {namespace}/{name} is gone", "서비스어카운트 {namespace}/{name:이/가} 없습니다"},
		"token.account.uid": {
			"its account is gone; the present {namespace}/{name} is another one (uid {uid}, the token's is {claim})",
			"그 서비스어카운트는 사라졌고, 지금의 {namespace}/{name:은/는} 새로 만든 것입니다(uid {uid}, 토큰의 uid는 {claim})",
		},
		"token.account.deleted":       {"its account {namespace}/{name} was deleted {deleted}", "서비스어카운트 {namespace}/{name:이/가} {deleted}에 삭제되었습니다"},
		"token.bound.missing":         {"the {kind} {name} it is bound to is gone", "토큰이 묶인 {kind} {name:이/가} 사라졌습니다"},
		"token.bound.uid":             {"the {kind} it is bound to is gone; the present {name} is another one (uid {uid}, the token's is {claim})", "토큰이 묶인 {kind:은/는} 사라졌고, 지금의 {name:은/는} 새로 만든 것입니다(uid {uid}, 토큰의 uid는 {claim})"},
		"token.bound.deleted":         {"the {kind} {name} it is bound to was deleted {deleted}", "토큰이 묶인 {kind} {name:이/가} {deleted}에 삭제되었습니다"},
		"token.claims.missing":        {"it lacks the claim {claim}", "{claim} 클레임이 없습니다"},
		"token.claims.subject":        {"its subject {subject} is not {namespace}/{name}", "주체 {subject:이/가} {namespace}/{name:과/와} 다릅니다"},
		"token.copy.differs":          {"the Secret {namespace}/{name} holds another token by now", "시크릿 {namespace}/{name}에는 이제 다른 토큰이 들어 있습니다"},
		"token.mark.invalid":          {"the Secret {namespace}/{name} was marked invalid {since}, because nobody used it", "시크릿 {namespace}/{name:은/는} 쓰이지 않아 {since}에 무효로 표시되었습니다"},
		"token.lookup":                {"the cluster could not be asked: {error}", "클러스터에 확인하지 못했습니다: {error}"},
		"authn.token.unknown":         {"nobody here knows this token", "이 서버가 아는 토큰이 아닙니다"},
		"authn.anonymous.off":         {"no credential was sent, and this server refuses anonymous requests", "자격 증명이 없고, 이 서버는 익명 요청을 받지 않습니다"},
		"authn.websocket.twice":       {"two tokens were sent", "토큰을 두 개 보냈습니다"},
		"authn.websocket.encoding":    {"the token in the WebSocket protocol is not base64url", "웹소켓 프로토콜에 담긴 토큰이 base64url이 아닙니다"},
		"authn.websocket.alone":       {"a token in the WebSocket protocol needs another protocol beside it", "웹소켓 프로토콜로 토큰을 보낼 때는 다른 프로토콜도 함께 적어야 합니다"},
		"authn.certificate.expired":   {"the certificate of {name} ended {ended}; it is {now}", "{name}의 인증서는 {ended}에 만료되었습니다. 지금은 {now}입니다"},
		"authn.certificate.not-yet":   {"the certificate of {name} begins {begins}; it is {now}", "{name}의 인증서는 {begins}부터 유효합니다. 지금은 {now}입니다"},
		"authn.certificate.authority": {"the certificate of {name} was signed by {issuer}, not by this cluster", "{name}의 인증서는 이 클러스터가 아니라 {issuer:이/가} 서명했습니다"},
		"authn.certificate.usage":     {"the certificate of {name} is not for clients", "{name}의 인증서는 클라이언트용이 아닙니다"},
		"authn.certificate.other":     {"the certificate of {name} is not good: {error}", "{name}의 인증서를 쓸 수 없습니다: {error}"},
		"authn.certificate.uid":       {"the certificate of {name} has a malformed uid", "{name}의 인증서에 든 uid의 형식이 잘못되었습니다"},
	}
}

// adviceTexts say what to do about a token; the codes are the engine's.
func adviceTexts() texts {
	return texts{
		"token.advice.create":   {"kubectl create token {name} -n {namespace}   A token is never prolonged.", "kubectl create token {name} -n {namespace}   토큰은 연장되지 않습니다."},
		"token.advice.repod":    {"Delete pod {name} in {namespace} and let it be made again: it gets a new token.", "{namespace}의 파드 {name:을/를} 지우고 다시 만들면 새 토큰을 받습니다."},
		"token.advice.audience": {"It is for somebody else; show it to: {audiences}", "다른 곳에 쓰는 토큰입니다. 보여 줄 곳: {audiences}"},
		"token.advice.cluster":  {"It is of another cluster ({issuer}).", "다른 클러스터({issuer})의 토큰입니다."},
		"token.advice.key":      {"Its key {kid} was retired, or it is of another cluster. A new one: kubectl create token {name} -n {namespace}", "키 {kid:은/는} 폐기되었거나 다른 클러스터의 것입니다. 새로 발급: kubectl create token {name} -n {namespace}"},
		"token.advice.forged":   {"Trust nothing that stands in it.", "이 토큰에 적힌 것은 아무것도 믿지 마세요."},
		"token.advice.account":  {"The account must be made first: kubectl create serviceaccount {name} -n {namespace}", "먼저 서비스어카운트를 만들어야 합니다: kubectl create serviceaccount {name} -n {namespace}"},
		"token.advice.copy":     {"It was cut or changed while it was copied; copy it again, whole.", "복사하다가 잘렸거나 바뀌었습니다. 처음부터 끝까지 다시 복사하세요."},
		"token.advice.switch":   {"Bind the next one to a Secret to have a switch: deleting the Secret ends the token.", "다음에는 시크릿에 바인딩해 발급하세요. 시크릿을 지우면 토큰도 끊깁니다."},
	}
}
