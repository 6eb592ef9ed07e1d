package say

// whyTexts explain how a request was answered.
func whyTexts() texts {
	return texts{
		"why.denied":     {"DENIED {code}  {what}", "거부 {code}  {what}"},
		"why.refused":    {"REFUSED {code}  {what}", "인증 실패 {code}  {what}"},
		"why.allowed":    {"ALLOWED {code}  {what}", "허용 {code}  {what}"},
		"why.answered":   {"ANSWERED {code}  {what}", "응답 {code}  {what}"},
		"why.would":      {"ALLOWED  {what}", "허용  {what}"},
		"why.no-request": {"no request", "보낸 요청 없음"},

		"why.who":     {"Who", "누구"},
		"why.wanted":  {"Wanted", "요청"},
		"why.almost":  {"Almost", "근접"},
		"why.works":   {"Works", "되는 곳"},
		"why.fix":     {"Fix", "해결"},
		"why.by":      {"By", "근거"},
		"why.lacks":   {"Lacks", "부족"},
		"why.checks":  {"Checks", "검사"},
		"why.token":   {"Token", "토큰"},
		"why.answer":  {"Answer", "응답"},
		"why.changed": {"Changed", "변경"},
		"why.warning": {"Warning", "경고"},
		"why.with":    {"With", "함께"},
		"why.note":    {"Note", "참고"},
		"why.groups":  {"Groups", "그룹"},
		"why.asked":   {"Asked", "인가"},
		"why.from":    {"From", "출처"},
		"why.took":    {"Took", "시간"},

		"wanted":            {"{what}", "{what}"},
		"wanted.in":         {"{what}, namespace {namespace}", "{what}, 네임스페이스 {namespace}"},
		"wanted.everywhere": {"{what}, all namespaces", "{what}, 모든 네임스페이스"},

		"wanted.get-all": {"{what}, all namespaces (kubectl get {resource} -A)", "{what}, 모든 네임스페이스 (kubectl get {resource} -A)"},

		"why.who.impersonated":    {"It acted as {user}.", "{user:으로/로} 가장해 보냈습니다."},
		"why.who.also-token":      {"You also sent a token: the certificate won, nobody looked at the token. To be the token alone: kubemint as.", "토큰도 함께 보냈지만 인증서가 우선이라 토큰은 확인하지 않았습니다. 토큰만 쓰려면 kubemint as를 쓰세요."},
		"why.who.asked":           {"{user} (asked for, not signed in)", "{user} (질문만 했고 실제로 로그인하지는 않음)"},
		"why.who.asked.anonymous": {"somebody who sends no credential (system:anonymous)", "자격 증명을 보내지 않는 누군가(system:anonymous)"},
		"why.who.nobody":          {"nobody. The credential failed, so RBAC was never asked.", "아무도 아님. 자격 증명이 통과하지 못해 RBAC까지 가지 않았습니다."},
		"why.who.nobody.403":      {"(403 would mean: known, but not allowed.)", "(403이라면 누구인지는 알지만 허용되지 않았다는 뜻입니다.)"},
		"why.wanted.impersonate":  {"to act as {wanted} for: {what}", "{wanted:으로/로} 가장해 이 요청을 보내는 것: {what}"},
		"why.wanted.second":       {"{what}, which needs this right, too", "{what}. 이 요청에는 이 권한도 필요합니다"},

		"why.no-attempt":      {"no credential was looked at", "확인할 자격 증명이 없었습니다"},
		"why.check.row":       {"{checks},", "{checks},"},
		"why.check.ok":        {"{step} ok", "{step} 통과"},
		"why.check.failed":    {"{step} FAILED: {why}", "{step} 실패: {why}"},
		"why.check.unreached": {"{steps}: not reached", "{steps}: 확인하지 않음"},
		"why.may-not":         {"may not: {what}", "권한 없음: {what}"},
		"why.token.expired":   {"ended {ended}, {ago} ago (the {leeway} grace is over)", "{ago} 전인 {ended}에 만료되었습니다(유예 {leeway}도 지남)"},
		"why.token.claims":    {"claims to be of {account}; no key of this cluster signed that", "{account}의 토큰이라고 주장하지만, 이 클러스터의 키로 서명되지 않았습니다"},
		"why.token.legacy":    {"lies in Secret {secret}, for {account}", "시크릿 {secret}에 든 {account}의 토큰입니다"},
		"why.token.of":        {"was made for {account}", "{account}에게 발급되었습니다"},
		"why.token.made":      {"was made for {account} at {issued} for {life}", "{issued}에 {account}에게 수명 {life:으로/로} 발급되었습니다"},
		"why.token.made.pod":  {"was made for {account} in pod {pod} at {issued} for {life}", "{issued}에 파드 {pod}의 {account}에게 수명 {life:으로/로} 발급되었습니다"},
		"why.token.asked-by":  {"by {user} (#{number})", "(요청한 쪽: {user}, #{number})"},

		"why.credential.certificate":     {"certificate FAILED:", "인증서 실패:"},
		"why.credential.static-token":    {"token FAILED:", "토큰 실패:"},
		"why.credential.account-token":   {"token FAILED:", "토큰 실패:"},
		"why.credential.bootstrap-token": {"bootstrap token FAILED:", "부트스트랩 토큰 실패:"},
		"why.credential.bearer-token":    {"token FAILED:", "토큰 실패:"},
		"why.credential.websocket-token": {"token FAILED:", "토큰 실패:"},
		"why.credential.anonymous":       {"no credential:", "자격 증명 없음:"},

		"why.by.masters": {
			"the group system:masters, which may do everything; RBAC is not asked",
			"system:masters 그룹. 모든 일이 허용되며 RBAC에 묻지 않습니다",
		},
		"why.by.node": {
			"the node authorizer: a node may touch what its own pods need",
			"노드 인가. 노드는 자기 파드에 필요한 것만 다룰 수 있습니다",
		},
		"why.by.grant": {
			"{binding} gives {role}, whose rule {rule} allows {allows}.",
			"{binding:이/가} 준 {role}의 규칙 {rule:이/가} {allows:을/를} 허용합니다.",
		},
		"why.by.group": {"It names the group {group}.", "그룹 {group:을/를} 대상으로 합니다."},
		"why.by.more":  {"And by {n} more (-v).", "그 밖에 {n}개의 바인딩도 허용합니다(-v)."},
		"why.node":     {"The node authorizer says: {reason}.", "노드 인가의 대답: {reason}."},
		"why.admission": {
			"RBAC allowed it; a later check did not:",
			"RBAC은 허용했지만, 그다음 검사에서 거부되었습니다.",
		},
		"why.escalation": {
			"Nobody may give away rights that they do not hold themselves. Not held:",
			"자기가 갖지 않은 권한은 남에게 줄 수 없습니다. 갖고 있지 않은 권한:",
		},
		"why.escalation.lacks": {"{rule}", "{rule}"},

		"why.answer.not-found": {"Allowed, but {resource} \"{name}\" does not exist. The server's words:", "허용되었지만 {resource} {name:이/가} 없습니다. 서버의 응답:"},
		"why.answer.exists":    {"Allowed, but there is one of that name already. The server's words:", "허용되었지만 같은 이름의 오브젝트가 이미 있습니다. 서버의 응답:"},
		"why.answer.conflict":  {"Allowed, but somebody else changed it first: read it again, then change that. The server's words:", "허용되었지만 다른 쪽이 먼저 바꿨습니다. 다시 읽고 나서 바꾸세요. 서버의 응답:"},
		"why.answer.invalid":   {"Allowed, but the object is not valid. The server's words:", "허용되었지만 오브젝트가 올바르지 않습니다. 서버의 응답:"},
		"why.answer.busy":      {"Too many at once: try again. The server's words:", "한꺼번에 너무 많습니다. 다시 시도하세요. 서버의 응답:"},
		"why.answer.plain":     {"{code} {text}", "{code} {text}"},

		"why.changed.more": {
			"{n} {n:field differs|fields differ} from what was sent: kubemint why {number} -v",
			"보낸 것과 달라진 필드 {n}개: kubemint why {number} -v",
		},
		"why.changed.cut": {"and more, which was cut off", "나머지는 잘렸습니다"},
		"why.run":         {"{command} sent {n} requests; the others:", "{command:은/는} 요청 {n}개를 보냈습니다. 나머지:"},
		"why.more":        {"and {n} more (-v)", "그 밖에 {n}건 (-v)"},

		"why.asked.yes":          {"{by}: yes.", "{by}: 허용."},
		"why.asked.no":           {"{by}: no.", "{by}: 허용하지 않음."},
		"why.authorizer.masters": {"group system:masters", "system:masters 그룹"},
		"why.authorizer.node":    {"node authorizer", "노드 인가"},
		"why.authorizer.rbac":    {"RBAC", "RBAC"},
		"why.from.address":       {"{address}", "{address}"},
		"why.from.audit-id":      {"at {at}, Audit-Id {id}", "{at}, Audit-Id {id}"},
		"why.took.all":           {"{took}:", "{took}:"},
		"why.took.authenticate":  {"authenticate {took},", "인증 {took},"},
		"why.took.impersonate":   {"impersonate {took},", "가장 {took},"},
		"why.took.authorize":     {"authorize {took},", "인가 {took},"},
		"why.took.admit":         {"read and admit {took},", "읽기와 어드미션 {took},"},
		"why.took.validate":      {"validate {took},", "검증 {took},"},
		"why.took.store":         {"store {took},", "저장 {took},"},
		"why.took.answer":        {"answer {took}", "응답 {took}"},

		"why.no-story": {
			"there is no request \"{id}\" (any more); kubemint why --list shows those kept",
			"\"{id}\" 요청의 기록이 없습니다. kubemint why --list에 남아 있는 요청이 있습니다",
		},
		"why.no-story.last": {
			"nobody has sent a request yet; try: kubemint kubectl get pods",
			"아직 아무도 요청을 보내지 않았습니다. 예: kubemint kubectl get pods",
		},
		"why.no-asker": {
			"for whom? Say --sa NAMESPACE:ACCOUNT, --as USER or --as pod/NAME",
			"누구의 권한인가요? --sa 네임스페이스:서비스어카운트, --as 사용자, --as pod/이름 가운데 하나로 지정하세요",
		},
		"why.two-askers": {"--as and --sa name two different identities; say one of them", "--as와 --sa가 서로 다른 신원을 가리킵니다. 하나만 쓰세요"},
		"why.bad-sa":     {"--sa {text} is not of the form NAMESPACE:ACCOUNT", "--sa {text:은/는} 네임스페이스:서비스어카운트 형식이 아닙니다"},
		"why.no-fix":     {"there is nothing to fix", "고칠 것이 없습니다"},
		"why.fix-for-strangers": {
			"careful: this fix is for everybody who sends no credential",
			"주의: 이 해결책은 자격 증명을 보내지 않는 모두에게 허용합니다",
		},
		"why.subresource": {
			"Read as the subresource \"{sub}\" of {resource}. (kubectl auth can-i would take {word} for an object named \"{sub}\": there use --subresource={sub}.)",
			"{resource}의 하위 리소스 \"{sub}\"로 읽었습니다. (kubectl auth can-i는 {word:을/를} 이름이 \"{sub}\"인 오브젝트로 봅니다. 거기서는 --subresource={sub}를 쓰세요.)",
		},
		"why.verb.unknown":  {"No request on {resource} has the verb \"{verb}\"; RBAC is asked all the same.", "{resource}에는 \"{verb}\" 동사를 쓰는 요청이 없습니다. 그래도 RBAC에 물어봅니다."},
		"why.verb.misspelt": {"There is no verb \"{verb}\"; read as \"{meant}\".", "\"{verb}\" 동사는 없습니다. \"{meant}\"로 읽었습니다."},
		"why.kind.misspelt": {"There is no resource \"{word}\"; read as \"{meant}\".", "\"{word}\" 리소스는 없습니다. \"{meant}\"로 읽었습니다."},
		"why.kind.foreign":  {"This cluster does not serve \"{word}\"; RBAC is asked all the same.", "이 클러스터는 \"{word}\" 리소스를 제공하지 않습니다. 그래도 RBAC에 물어봅니다."},
		"why.no-namespace":  {"{resource} live in no namespace, so -n says nothing.", "{resource:은/는} 네임스페이스에 속하지 않으므로 -n은 아무 뜻이 없습니다."},
		"why.no-account": {
			"Careful: no account {account} exists. RBAC is asked all the same.",
			"주의: {account}라는 서비스어카운트는 없습니다. 그래도 RBAC에 물어봅니다.",
		},
		"why.runs-as": {"Pod {pod} runs as account {account}.", "파드 {pod:은/는} 서비스어카운트 {account:으로/로} 실행됩니다."},
		"why.no-pod": {
			"there is no pod \"{pod}\" in namespace \"{namespace}\" (any more): its tokens ended with it. Ask for its account: --sa {namespace}:ACCOUNT",
			"네임스페이스 \"{namespace}\"에 파드 \"{pod}\"가 없습니다. 파드가 없어지면 토큰도 끊깁니다. 서비스어카운트로 물어보세요: --sa {namespace}:서비스어카운트",
		},
		"why.user-not-account": {
			"Read as the user \"{name}\". There is an account of that name, too; for that one: --sa {name}",
			"사용자 \"{name}\"로 읽었습니다. 같은 이름의 서비스어카운트도 있습니다. 그쪽을 물으려면: --sa {name}",
		},
		"why.limit":      {"--limit must be 1 or more", "--limit은 1 이상이어야 합니다"},
		"why.list.run":   {"{command}: {n} requests", "{command}: 요청 {n}개"},
		"why.list.empty": {"no such request is kept", "그런 요청의 기록이 없습니다"},
		"why.outcome": {
			"--outcome {text}: say allowed, denied (403), refused (401), failed, a code such as 404, or 4xx",
			"--outcome {text}: allowed, denied(403), refused(401), failed, 404 같은 코드, 4xx 가운데 하나로 지정하세요",
		},

		"why.nothing.account": {
			"nothing. No binding names this account. {n} {n:binding names|bindings name} its groups; {n:it allows|they allow} only what every account may (API directory, version). That is normal: a token says who you are, not what you may do.",
			"없습니다. 이 서비스어카운트를 지정한 바인딩이 없습니다. 그룹을 지정한 바인딩은 {n}개이고, 모든 서비스어카운트에 허용되는 것(API 목록, 버전)뿐입니다. 정상입니다. 토큰은 누구인지를 말해 줄 뿐, 무엇을 해도 되는지는 말하지 않습니다.",
		},
		"why.nothing.user": {
			"nothing. No binding names this user. {n} {n:binding names|bindings name} its groups; {n:it allows|they allow} only what everybody known may (API directory, version). That is normal: a credential says who you are, not what you may do.",
			"없습니다. 이 사용자를 지정한 바인딩이 없습니다. 그룹을 지정한 바인딩은 {n}개이고, 인증된 누구에게나 허용되는 것(API 목록, 버전)뿐입니다. 정상입니다. 자격 증명은 누구인지를 말해 줄 뿐, 무엇을 해도 되는지는 말하지 않습니다.",
		},
		"why.nothing.none": {
			"nothing. No binding names this identity or one of its groups.",
			"없습니다. 이 신원이나 그룹을 지정한 바인딩이 하나도 없습니다.",
		},
		"why.nothing.anonymous": {
			"nothing. Strangers may only ask whether the server lives, and its version.",
			"없습니다. 모르는 사람은 서버가 살아 있는지와 버전만 물어볼 수 있습니다.",
		},
		"why.nothing.other": {
			"nothing. The {n} {n:binding that names|bindings that name} this identity or its groups {n:is|are} about other things.",
			"없습니다. 이 신원이나 그룹을 지정한 바인딩 {n}개는 모두 다른 일에 관한 것입니다.",
		},
		"why.works.in":   {"in these namespaces: {namespaces} (say -n)", "다음 네임스페이스에서는 됩니다(-n으로 지정): {namespaces}"},
		"why.works.also": {"and in {namespaces}", "그리고 {namespaces}에서"},
	}
}

// whoByTexts say by which credential somebody came.
func whoByTexts() texts {
	return texts{
		"who-by.anonymous": {
			"nobody (system:anonymous): you sent no credential",
			"익명(system:anonymous): 자격 증명을 보내지 않았습니다",
		},
		"who-by.certificate":        {"{user}, by a client certificate", "{user} (클라이언트 인증서)"},
		"who-by.static-token":       {"{user}, by a line of the static token file", "{user} (정적 토큰 파일)"},
		"who-by.account-token":      {"{user}, by its token", "{user} (서비스어카운트 토큰)"},
		"who-by.account-token.left": {"{user}, by its token ({left} left)", "{user} (서비스어카운트 토큰, {left} 남음)"},
		"who-by.pod-token":          {"{user}, by the token of pod {pod} ({left} left)", "{user} (파드 {pod}의 토큰, {left} 남음)"},
		"who-by.stale-token":        {"{user}, by an old token of pod {pod}: its file holds a newer one by now", "{user} (파드 {pod}의 낡은 토큰. 파일에는 이미 새 토큰이 있음)"},
		"who-by.legacy-token":       {"{user}, by the token in Secret {secret}, which has no end", "{user} (시크릿 {secret}의 만료 없는 토큰)"},
		"who-by.bootstrap-token":    {"{user}, by a bootstrap token", "{user} (부트스트랩 토큰)"},
	}
}

// stepTexts name the checks that a token goes through.
func stepTexts() texts {
	return texts{
		"step.form":      {"form", "형식"},
		"step.issuer":    {"issuer", "발급자"},
		"step.signature": {"signature", "서명"},
		"step.audience":  {"audience", "대상"},
		"step.time":      {"time", "시각"},
		"step.account":   {"account", "서비스어카운트"},
		"step.secret":    {"secret", "시크릿"},
		"step.pod":       {"pod", "파드"},
		"step.node":      {"node", "노드"},
		"step.claims":    {"claims", "클레임"},
		"step.copy":      {"copy", "사본"},
		"step.mark":      {"mark", "표시"},
	}
}

// remedyTexts say what to do about a credential that was refused.
func remedyTexts() texts {
	return texts{
		"remedy.expired":          {"Nobody renews a token made by hand. Now:", "손으로 만든 토큰은 아무도 갱신하지 않습니다. 새로 발급하세요."},
		"remedy.expired.for-good": {"For good: let a pod do it; its kubelet renews the token in time.", "계속 쓰려면 파드에서 하세요. kubelet이 제때 갱신합니다."},
		"remedy.pod-copy":         {"The pod's file holds a newer token: read it anew for each request, and never keep a copy.", "파드의 파일에는 이미 새 토큰이 있습니다. 사본을 두지 말고 요청할 때마다 파일을 다시 읽으세요."},
		"remedy.clock":            {"The token is of another time than the cluster's: kubemint clock show", "토큰의 시각이 클러스터의 시각과 맞지 않습니다: kubemint clock show"},
		"remedy.no-account":       {"The account is gone, and with it all its tokens. Make both anew:", "서비스어카운트가 없어지면서 토큰도 모두 끊겼습니다. 둘 다 새로 만드세요."},
		"remedy.new-account":      {"Tokens go by uid: those of the old account stay dead. A new one:", "토큰은 uid를 따르므로 예전 서비스어카운트의 토큰은 되살아나지 않습니다. 새로 발급하세요."},
		"remedy.new-account.pods": {"Pods: delete them and let them be made again. Bindings go by name and still work.", "파드는 지우고 다시 만드세요. 바인딩은 이름을 따르므로 그대로 쓸 수 있습니다."},
		"remedy.dead-pod":         {"The token died with its pod; a new pod gets one of its own. From outside a pod:", "토큰은 파드와 함께 끊겼습니다. 새 파드는 새 토큰을 받습니다. 파드 밖에서 쓰려면:"},
		"remedy.dead-bound":       {"What the token was bound to is gone or was marked, which ends it. A new one:", "토큰이 묶인 대상이 없어졌거나 무효로 표시되어 토큰도 끊겼습니다. 새로 발급하세요."},
		"remedy.audience":         {"It is a ticket for somebody else. One for this API server, without --audience:", "다른 곳에 보여 줄 토큰입니다. --audience 없이 이 API 서버용으로 발급하세요."},
		"remedy.issuer":           {"It comes from elsewhere. One of this cluster:", "다른 곳에서 온 토큰입니다. 이 클러스터에서 발급하세요."},
		"remedy.signature":        {"Another cluster signed it, its key was retired, or somebody changed it. A new one:", "다른 클러스터가 서명했거나, 키가 폐기되었거나, 누군가 바꾼 토큰입니다. 새로 발급하세요."},
		"remedy.form":             {"Was it cut off while it was copied? A new one:", "복사하다 잘린 것은 아닌가요? 새로 발급하세요."},
		"remedy.certificate":      {"A certificate of this cluster, made for one command:", "이 클러스터의 인증서를 명령 하나에 쓸 수 있게 만들어 줍니다."},
		"remedy.anonymous":        {"Send a credential:", "자격 증명을 보내세요."},
		"remedy.other":            {"Use another credential, such as:", "다른 자격 증명을 쓰세요. 예:"},
	}
}

// admissionTexts say what admission did to an object; the codes are the engine's.
func admissionTexts() texts {
	return texts{
		"admission.account.default":       {"It named no account and got \"{account}\".", "서비스어카운트를 지정하지 않아 {account:이/가} 들어갔습니다."},
		"admission.token.mounted":         {"A volume with a token of {account} was added ({volume}), mounted in {containers} {containers:container|containers}.", "{account}의 토큰이 든 볼륨 {volume:이/가} 추가되어 컨테이너 {containers}개에 마운트되었습니다."},
		"admission.token.refused.pod":     {"No token was mounted: the pod says automountServiceAccountToken: false.", "토큰을 마운트하지 않았습니다. 파드에 automountServiceAccountToken: false라고 적혀 있습니다."},
		"admission.token.refused.account": {"No token was mounted: account {account} says automountServiceAccountToken: false.", "토큰을 마운트하지 않았습니다. 서비스어카운트 {account}에 automountServiceAccountToken: false라고 적혀 있습니다."},
		"admission.token.path-taken":      {"No token was mounted: each container has something else at the token's path.", "토큰을 마운트하지 않았습니다. 모든 컨테이너에서 토큰 자리에 다른 것이 마운트되어 있습니다."},
		"admission.pull-secrets.copied":   {"{count} imagePullSecrets of account {account} were copied in.", "서비스어카운트 {account}의 imagePullSecrets {count}개가 들어갔습니다."},
		"admission.tolerations.added":     {"{count} tolerations for failing nodes were added ({seconds} s).", "노드 장애에 대한 톨러레이션 {count}개가 추가되었습니다({seconds}초)."},
		"admission.priority.resolved":     {"The priority is {value}, of class {class}.", "우선순위는 {class} 클래스의 {value}입니다."},
		"admission.limit-range.applied":   {"LimitRange {name} filled in {what}.", "LimitRange {name:이/가} {what:을/를} 채웠습니다."},
		"admission.storage-class.default": {"It named no storage class and got \"{class}\".", "스토리지 클래스를 지정하지 않아 {class:이/가} 들어갔습니다."},
		"admission.node-token.allowed":    {"Node {node} may have this token: pod {pod} runs on it (audience {audience}).", "파드 {pod:이/가} 노드 {node}에서 실행되므로 이 토큰을 받을 수 있습니다(대상 {audience})."},
	}
}
