package say

// inspectTexts explain a token: what it is and what it hangs on.
func inspectTexts() texts {
	return texts{
		"inspect.accepted": {"ACCEPTED now", "지금 받아들여집니다"},
		"inspect.refused":  {"REFUSED: {why}", "거부됩니다: {why}"},
		"inspect.too-long": {
			"that is longer than {most} KiB: no token is",
			"{most}KiB가 넘습니다. 그렇게 긴 토큰은 없습니다",
		},

		"inspect.static": {
			"Not a JWT. In the static token file it is user {user} (line {line}): no signature, no end, in force until the file changes and the server restarts.",
			"JWT가 아닙니다. 정적 토큰 파일 {line}번째 줄에 있는 사용자 {user}의 토큰입니다. 서명도 만료도 없고, 파일을 고치고 서버를 다시 시작할 때까지 유효합니다.",
		},
		"inspect.bootstrap": {
			"Not a JWT. A bootstrap token, user {user}: made for machines that join a cluster, in force while its Secret in kube-system says so.",
			"JWT가 아닙니다. 새 머신이 클러스터에 들어올 때 쓰는 부트스트랩 토큰이고 사용자는 {user}입니다. kube-system에 있는 시크릿이 허용하는 동안 유효합니다.",
		},
		"inspect.opaque": {
			"Not a JWT, and no line of the static token file.",
			"JWT도 아니고, 정적 토큰 파일에도 없습니다.",
		},
		"inspect.no-file": {
			"If you meant a file: there is none named {word}.",
			"파일을 가리킨 것이라면, {word:이라는/라는} 파일은 없습니다.",
		},
		"inspect.none.pod": {
			"Pod {pod} has no token: it says automountServiceAccountToken: false. Add nothing if it never calls the API.",
			"파드 {pod}에는 토큰이 없습니다. 파드에 automountServiceAccountToken: false라고 적혀 있기 때문입니다. API를 부를 일이 없다면 그대로 두세요.",
		},
		"inspect.none.both": {
			"Pod {pod} has no token: it says automountServiceAccountToken: false (so does its account; the pod's word would win). Add nothing if it never calls the API.",
			"파드 {pod}에는 토큰이 없습니다. 파드에 automountServiceAccountToken: false라고 적혀 있기 때문입니다(서비스어카운트에도 그렇게 적혀 있지만, 둘이 다르면 파드가 이깁니다). API를 부를 일이 없다면 그대로 두세요.",
		},
		"inspect.none.account": {
			"Pod {pod} has no token: its account {account} says automountServiceAccountToken: false, and the pod itself says nothing. If it needs one, say true in the pod: its word wins, for new pods.",
			"파드 {pod}에는 토큰이 없습니다. 서비스어카운트 {account}에 automountServiceAccountToken: false라고 적혀 있고, 파드에는 아무 말이 없기 때문입니다. 토큰이 필요하면 파드에 true라고 적으세요. 새로 만드는 파드에서는 파드 쪽이 이깁니다.",
		},
		"inspect.none": {
			"Pod {pod} has no token, though neither it nor its account {account} says no: something else is mounted where the token would be, or both changed their mind after the pod was made (the word counts only then).",
			"파드 {pod}에는 토큰이 없습니다. 파드도 서비스어카운트 {account:도/도} 거절하지 않았으니, 토큰 자리에 다른 것이 마운트되어 있거나 파드를 만든 뒤에 설정이 바뀐 것입니다(만들 때의 설정만 쓰입니다).",
		},

		"inspect.who":        {"{user}", "{user}"},
		"inspect.who.would":  {"would be {user}", "유효하다면 {user}"},
		"inspect.who.was":    {"was {user}, uid {uid}", "{user}였음 (uid {uid})"},
		"inspect.who.claims": {"claims to be {user}; no key of this cluster signed that", "{user:이라고/라고} 주장하지만, 이 클러스터의 키로 서명되지 않았습니다"},
		"inspect.nobody":     {"nobody", "아무도 아님"},
		"inspect.remade": {
			"There is an account of that name, but a new one: uid {new}. Tokens go by uid, so the old ones stay dead.",
			"같은 이름의 서비스어카운트가 있지만 새로 만든 것입니다(uid {new}). 토큰은 uid를 따르므로 예전 토큰은 되살아나지 않습니다.",
		},
		"inspect.remade.when": {
			"There is an account of that name, but a new one: uid {new}, made {ago}. Tokens go by uid, so the old ones stay dead.",
			"같은 이름의 서비스어카운트가 있지만 {ago} 새로 만든 것입니다(uid {new}). 토큰은 uid를 따르므로 예전 토큰은 되살아나지 않습니다.",
		},

		"inspect.bound": {"Bound to", "바인딩"},
		"inspect.bound.nothing": {
			"nothing: good anywhere until it ends. (--bound-object-kind Secret gives you a switch.)",
			"없음. 만료될 때까지 어디서나 쓸 수 있습니다. (--bound-object-kind Secret으로 발급하면 끊을 수단이 생깁니다.)",
		},
		"inspect.bound.to":       {"{kind} {name}", "{kind} {name}"},
		"inspect.bound.node":     {"on node {node}", "({node}에서 실행)"},
		"inspect.kind.pod":       {"pod", "파드"},
		"inspect.kind.secret":    {"Secret", "시크릿"},
		"inspect.kind.node":      {"node", "노드"},
		"inspect.state.alive":    {"(alive, same uid)", "(살아 있음, uid 일치)"},
		"inspect.state.there":    {"(there)", "(있음)"},
		"inspect.state.replaced": {"(gone; another one has its name now)", "(사라짐. 같은 이름의 다른 것이 있음)"},
		"inspect.state.missing":  {"(gone)", "(사라짐)"},
		"inspect.state.deleted":  {"(deleted, not gone yet)", "(삭제됨, 아직 남아 있음)"},

		"inspect.for":       {"For", "대상"},
		"inspect.for.api":   {"{audiences}  = this API server", "{audiences}  = 이 API 서버"},
		"inspect.for.other": {"{audiences}  (not this API server: here it is refused)", "{audiences}  (이 API 서버가 아니므로 여기서는 거부됩니다)"},

		"inspect.issued":         {"Issued", "발급"},
		"inspect.issued.legacy":  {"at no stated time, by the token controller, into its Secret", "발급 시각 없음. 토큰 컨트롤러가 시크릿에 넣었습니다"},
		"inspect.asked.kubelet":  {"asked for by the kubelet of {node} (#{n})", "{node}의 kubelet이 요청 (#{n})"},
		"inspect.asked.by":       {"asked for by {user} (#{n})", "{user:이/가} 요청 (#{n})"},
		"inspect.asked.as":       {"asked for by {real}, acting as {user} (#{n})", "{real:이/가} {user:으로/로} 가장해 요청 (#{n})"},
		"inspect.for-long":       {"for {d}", "수명 {d}"},
		"inspect.refresh":        {"Refresh", "갱신"},
		"inspect.refresh.at":     {"{when}: then the kubelet of {node} puts a new one into the file", "{when}: {node}의 kubelet이 파일을 새 토큰으로 바꿉니다"},
		"inspect.refresh.copy":   {"not this one: the pod's file holds another, and only that is renewed", "이 토큰은 갱신되지 않습니다. 파드의 파일에는 다른 토큰이 들어 있고, 그 토큰만 갱신됩니다"},
		"inspect.refresh.nobody": {"by nobody: only what lies in a pod's file is renewed", "아무도 하지 않습니다. 파드의 파일에 든 토큰만 갱신됩니다"},

		"inspect.ends":           {"Ends", "만료"},
		"inspect.ended":          {"Ended", "만료됨"},
		"inspect.ends.never":     {"never", "없음"},
		"inspect.ends.legacy":    {"never: it lives as long as its Secret and its account", "없음. 시크릿과 서비스어카운트가 있는 동안 유효합니다"},
		"inspect.ends.no-matter": {": time is not the problem", ": 시각은 문제가 아닙니다"},
		"inspect.ends.told":      {"what the kubelet was told and goes by", "kubelet이 통보받아 따르는 시각"},
		"inspect.ends.signed":    {"what is signed into the token", "토큰에 서명된 시각"},
		"inspect.ends.two": {
			"Two ends, because old programs read the file once: for the standard mount (3607 s) the server signs a year and warns after the hour.",
			"만료가 둘인 까닭: 파일을 한 번만 읽는 오래된 프로그램 때문에, 표준 마운트(3607초)에는 서버가 1년을 서명하고 한 시간이 지나면 경고를 남깁니다.",
		},
		"inspect.ends.two.late": {
			"Two ends, because old programs read the file once: for the standard mount (3607 s) the server signs a year. The hour is over, so each use of it is noted as stale.",
			"만료가 둘인 까닭: 파일을 한 번만 읽는 오래된 프로그램 때문에, 표준 마운트(3607초)에는 서버가 1년을 서명합니다. 한 시간이 지났으므로 쓸 때마다 낡은 토큰으로 기록됩니다.",
		},
		"inspect.ends.copy": {
			"A stolen copy works until {kind} {name} (or its account) is deleted.",
			"훔친 사본도 {kind} {name:이나/나} 서비스어카운트가 삭제될 때까지 통합니다.",
		},
		"inspect.ended.over":  {"{when}. Servers allow 60 s more; that is over, too.", "{when}. 서버는 60초를 더 봐주지만 그것도 지났습니다."},
		"inspect.ended.grace": {"{when}. Servers allow 60 s more: {left} left.", "{when}. 서버가 60초를 더 봐주므로 {left} 남았습니다."},

		"inspect.check.ok":        {"{step} ok", "{step} 통과"},
		"inspect.check.would":     {"{step} would be ok", "{step} 통과했을 것"},
		"inspect.check.all":       {"{steps}: all ok", "{steps}: 모두 통과"},
		"inspect.check.signature": {"signature ({alg}, key {kid})", "서명({alg}, 키 {kid})"},
		"inspect.check.new-works": {"A new token of this account would work.", "이 서비스어카운트의 새 토큰은 통할 것입니다."},

		"inspect.may":   {"May do", "권한"},
		"inspect.guard": {"Signed, not encrypted: guard it.", "서명만 되어 있고 암호화되지 않았으니 조심해서 다루세요."},
		"inspect.do":    {"Do", "할 일"},
		"inspect.empty": {"(nobody)", "(없음)"},
		"inspect.do.remade": {
			"kubectl create token {name} -n {namespace}   (pods: delete and let them be made again). RoleBindings go by name: they still work.",
			"kubectl create token {name} -n {namespace}   (파드는 지우고 다시 만드세요.) 롤바인딩은 이름을 따르므로 그대로 통합니다.",
		},
		"when.now": {"just now", "방금"},
		"when.in":  {"in {d}", "{d} 뒤"},
		"when.ago": {"{d} ago", "{d} 전"},
	}
}

// becauseTexts say in a few words why a token is refused. The last part is the
// engine's code with dashes for its dots.
func becauseTexts() texts {
	return texts{
		"inspect.because.token-form-not-a-jwt":    {"nobody here knows it", "이 서버가 아는 토큰이 아닙니다"},
		"inspect.because.token-form-malformed":    {"it is damaged", "손상되었습니다"},
		"inspect.because.token-form-doubled":      {"it says something twice", "같은 항목이 두 번 들어 있습니다"},
		"inspect.because.token-issuer-foreign":    {"somebody else issued it", "다른 곳에서 발급했습니다"},
		"inspect.because.token-signature-no-key":  {"no key of this cluster signed it", "이 클러스터의 키로 서명되지 않았습니다"},
		"inspect.because.token-signature-alg":     {"its algorithm does not belong to its key", "알고리즘이 키와 맞지 않습니다"},
		"inspect.because.token-signature-bad":     {"its signature is wrong", "서명이 맞지 않습니다"},
		"inspect.because.token-signature-dropped": {"its key no longer counts for it", "이 토큰에는 그 키가 더 이상 쓰이지 않습니다"},
		"inspect.because.token-audience-other":    {"it is for somebody else", "대상이 다릅니다"},
		"inspect.because.token-time-expired":      {"it has ended", "만료되었습니다"},
		"inspect.because.token-time-not-yet":      {"it has not begun", "아직 유효 기간이 시작되지 않았습니다"},
		"inspect.because.token-time-future":       {"it comes from the future", "미래에 발급된 토큰입니다"},
		"inspect.because.token-account-missing":   {"its account is gone", "서비스어카운트가 사라졌습니다"},
		"inspect.because.token-account-uid":       {"its account is gone", "서비스어카운트가 사라졌습니다"},
		"inspect.because.token-account-deleted":   {"its account was deleted", "서비스어카운트가 삭제되었습니다"},
		"inspect.because.token-bound-missing":     {"its {kind} is gone", "{kind:이/가} 사라졌습니다"},
		"inspect.because.token-bound-uid":         {"its {kind} is gone", "{kind:이/가} 사라졌습니다"},
		"inspect.because.token-bound-deleted":     {"its {kind} was deleted", "{kind:이/가} 삭제되었습니다"},
		"inspect.because.token-claims-missing":    {"it lacks a claim", "빠진 클레임이 있습니다"},
		"inspect.because.token-claims-subject":    {"it contradicts itself", "내용이 서로 맞지 않습니다"},
		"inspect.because.token-copy-differs":      {"its Secret holds another token by now", "시크릿에 다른 토큰이 들어 있습니다"},
		"inspect.because.token-mark-invalid":      {"its Secret was marked invalid", "시크릿이 무효로 표시되었습니다"},
		"inspect.because.token-lookup":            {"the cluster could not be asked", "클러스터에 확인하지 못했습니다"},
		"inspect.because.authn-token-unknown":     {"nobody here knows it", "이 서버가 아는 토큰이 아닙니다"},
	}
}
