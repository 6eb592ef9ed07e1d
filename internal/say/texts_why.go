package say

// whyTexts explain how a request was answered.
func whyTexts() texts {
	return texts{
		"why.denied":     {"DENIED {code}  {what}", "거부 {code}  {what}"},
		"why.refused":    {"REFUSED {code}  {what}", "인증 실패 {code}  {what}"},
		"why.allowed":    {"ALLOWED {code}  {what}", "허용 {code}  {what}"},
		"why.answered":   {"ANSWERED {code}  {what}", "응답 {code}  {what}"},
		"why.no-request": {"no request", "보낸 요청 없음"},
		"why.who":        {"Who", "누구"},
		"why.almost":     {"Almost", "근접"},
		"why.works":      {"Works", "되는 곳"},
		"why.fix":        {"Fix", "해결"},
		"why.by":         {"By", "근거"},
		"why.checks":     {"Checks", "검사"},
		"why.answer":     {"Answer", "응답"},

		"who-by.anonymous": {
			"nobody (system:anonymous): you sent no credential",
			"익명(system:anonymous): 자격 증명을 보내지 않았습니다",
		},
		"who-by.certificate":     {"{user}, by a client certificate", "{user} (클라이언트 인증서)"},
		"who-by.static-token":    {"{user}, by a line of the static token file", "{user} (정적 토큰 파일)"},
		"who-by.account-token":   {"{user}, by its token", "{user} (서비스어카운트 토큰)"},
		"who-by.bootstrap-token": {"{user}, by a bootstrap token", "{user} (부트스트랩 토큰)"},
		"why.who.impersonated":   {"(asked for by {real}, who may impersonate)", "({real:이/가} 대신 요청)"},
		"why.who.asked":          {"{user} (asked for, not signed in)", "{user} (질문만 했고 실제로 로그인하지는 않음)"},
		"why.who.nobody": {
			"nobody. No credential was accepted, so RBAC was never asked. (403 would mean: known, but not allowed.)",
			"아무도 아님. 받아들여진 자격 증명이 없어 RBAC까지 가지 않았습니다. (403이라면 누구인지는 알지만 허용되지 않았다는 뜻입니다.)",
		},
		"why.no-attempt":      {"no credential was looked at", "확인할 자격 증명이 없었습니다"},
		"why.check.ok":        {"ok: {steps}", "통과: {steps}"},
		"why.check.failed":    {"{step} FAILED: {why}", "{step} 실패: {why}"},
		"why.check.unreached": {"not reached: {steps}", "확인하지 않음: {steps}"},
		"why.fix.new-token": {
			"A token is never prolonged. Make a new one: kubectl create token ACCOUNT -n NAMESPACE",
			"토큰은 연장되지 않습니다. 새로 발급하세요: kubectl create token 계정 -n 네임스페이스",
		},
		"why.no-story": {
			"there is no request \"{id}\" (any more); kubemint why --list shows those kept",
			"\"{id}\" 요청의 기록이 없습니다. kubemint why --list에 남아 있는 요청이 있습니다",
		},
		"why.no-asker": {
			"for whom? Say --sa NAMESPACE:ACCOUNT or --as USER",
			"누구의 권한인가요? --sa 네임스페이스:서비스어카운트 또는 --as 사용자로 지정하세요",
		},
		"why.no-fix": {
			"there is nothing to fix",
			"고칠 것이 없습니다",
		},
		"why.subresource": {
			"Read as the subresource \"{sub}\" of {name}. (kubectl auth can-i would take {resource} for an object named \"{sub}\": there use --subresource={sub}.)",
			"{name}의 하위 리소스 \"{sub}\"로 읽었습니다. (kubectl auth can-i는 {resource:을/를} 이름이 \"{sub}\"인 오브젝트로 봅니다. 거기서는 --subresource={sub}를 쓰세요.)",
		},
		"why.by.masters": {
			"the group system:masters, which may do everything; RBAC is not asked for it",
			"system:masters 그룹. 모든 일이 허용되며 RBAC에 묻지 않습니다",
		},
		"why.by.node": {
			"the node authorizer: a node may touch what its own pods need",
			"노드 인가. 노드는 자기 파드에 필요한 것만 다룰 수 있습니다",
		},
		"why.by.grant": {"{role}, by {binding}", "{role} ({binding})"},
		"why.by.more":  {"And by {n} more.", "그 밖에 {n}개의 바인딩도 허용합니다."},
		"why.admission": {
			"RBAC allowed it; admission refused: {message}",
			"RBAC은 허용했지만 어드미션이 거부했습니다: {message}",
		},
		"why.more": {"and {n} more (-o json lists them)", "그 밖에 {n}건 (-o json으로 모두 볼 수 있습니다)"},
		"why.nothing.unnamed": {
			"nothing. No binding names this user. {n} {n:binding names|bindings name} its groups; they allow only what everybody like it may. That is normal: a credential says who you are, not what you may do.",
			"없습니다. 이 사용자를 지정한 바인딩이 없습니다. 그룹을 지정한 바인딩은 {n}개이고, 같은 부류 누구에게나 허용되는 것뿐입니다. 정상입니다. 자격 증명은 누구인지를 말해 줄 뿐, 무엇을 해도 되는지는 말하지 않습니다.",
		},
		"why.nothing": {
			"nothing. The bindings that name this user, and {n} for its groups, are about other things.",
			"없습니다. 이 사용자를 지정한 바인딩과 그룹을 지정한 바인딩 {n}개는 모두 다른 일에 관한 것입니다.",
		},
		"why.works-in":  {"in these namespaces: {namespaces} (say -n)", "다음 네임스페이스에서는 됩니다(-n으로 지정): {namespaces}"},
		"who-can.title": {"May {what}:", "{what:을/를} 할 수 있는 대상:"},
		"who-can.nobody": {
			"Nobody but the group system:masters.",
			"system:masters 그룹 말고는 아무도 없습니다.",
		},
		"who-can.masters": {
			"and the group system:masters, which RBAC is not asked for",
			"그리고 RBAC에 묻지 않는 system:masters 그룹",
		},
		"fix.exact":    {"Allows this and nothing else.", "이것만 허용하고 다른 것은 허용하지 않습니다."},
		"fix.any-name": {"It allows this for objects of every name.", "이름과 상관없이 모든 오브젝트에 허용됩니다."},
		"fix.also":     {"Also allows: {rules}.", "함께 허용되는 것: {rules}."},
		"fix.others":   {"It also reaches {who}.", "{who}에게도 적용됩니다."},
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

// nearTexts say at which point a binding that almost allows does not match.
func nearTexts() texts {
	return texts{
		"near.other-namespace": {
			"{role}, by {binding}, allows exactly this. A RoleBinding counts only in its own namespace, {have}.",
			"{binding}의 {role:은/는} 바로 이 일을 허용합니다. 다만 롤바인딩은 자기 네임스페이스({have})에서만 효력이 있습니다.",
		},
		"near.verb-missing": {
			"{role}, by {binding}, is about {resource} but allows {have}, not {want}.",
			"{binding}의 {role:은/는} {resource}에 대한 것이지만 {have}만 허용하고 {want:은/는} 허용하지 않습니다.",
		},
		"near.subresource-missing": {
			"{role}, by {binding}, allows {verb} on {have}. That does not include \"{want}\": a subresource is a right of its own.",
			"{binding}의 {role:은/는} {have}에 {verb:을/를} 허용합니다. \"{want}\"는 포함되지 않습니다. 하위 리소스는 따로 허용해야 합니다.",
		},
		"near.subresource-only": {
			"{role}, by {binding}, allows {verb} on {have} only, not on {want} themselves.",
			"{binding}의 {role:은/는} {have}에만 {verb:을/를} 허용하고 {want} 자체에는 허용하지 않습니다.",
		},
		"near.subresource-glob": {
			"{role}, by {binding}, names \"{have}\", which is no pattern in RBAC; write \"{want}\".",
			"{binding}의 {role}에는 \"{have}\"라고 적혀 있지만 RBAC에서 이것은 패턴이 아닙니다. \"{want}\"라고 적어야 합니다.",
		},
		"near.group-missing": {
			"{role}, by {binding}, names {resource} in the API group {have}; they are in \"{want}\".",
			"{binding}의 {role:은/는} API 그룹 {have}의 {resource:을/를} 가리킵니다. 실제 그룹은 \"{want}\"입니다.",
		},
		"near.group-is-version": {
			"{role}, by {binding}, names \"{have}\" as API group. That has a version in it; the group is \"{want}\".",
			"{binding}의 {role}에는 API 그룹이 \"{have}\"로 적혀 있습니다. 버전까지 들어 있어서, 그룹은 \"{want}\"라고만 적어야 합니다.",
		},
		"near.account-elsewhere": {
			"{binding} grants exactly this, but to {have}. You are {want}. Kubernetes does not check that an account in a binding exists.",
			"{binding:은/는} 바로 이 일을 허용하지만 대상이 {have}입니다. 요청한 쪽은 {want}입니다. 쿠버네티스는 바인딩에 적힌 서비스어카운트가 있는지 확인하지 않습니다.",
		},
		"near.account-as-user": {
			"{binding} grants exactly this, but to a User named \"{have}\". {want} is a ServiceAccount: the subject's kind must say so.",
			"{binding:은/는} 바로 이 일을 허용하지만 대상이 이름이 \"{have}\"인 User입니다. {want:은/는} 서비스어카운트이므로 kind를 ServiceAccount로 적어야 합니다.",
		},
		"near.subject-kind": {
			"{binding} grants exactly this, but its subject is of kind {have}; it must be {want}.",
			"{binding:은/는} 바로 이 일을 허용하지만 대상의 kind가 {have}입니다. {want:이어야/여야} 합니다.",
		},
		"near.subject-misspelt": {
			"{binding} grants exactly this, but to \"{have}\". You are \"{want}\".",
			"{binding:은/는} 바로 이 일을 허용하지만 대상이 \"{have}\"로 적혀 있습니다. 요청한 쪽은 \"{want}\"입니다.",
		},
		"near.role-missing": {
			"{binding} names you, but {want}, the role it refers to, does not exist.",
			"{binding}에 요청한 쪽이 들어 있지만, 바인딩이 가리키는 {want:이/가} 없습니다.",
		},
		"near.cluster-binding-needed": {
			"{role}, by {binding}, allows this in one namespace ({have}). Your request named no namespace.",
			"{binding}의 {role:은/는} 한 네임스페이스({have})에서 이 일을 허용합니다. 이 요청은 네임스페이스를 지정하지 않았습니다.",
		},
		"near.verb-misspelt": {
			"{role}, by {binding}, says the verb \"{have}\"; it is \"{want}\".",
			"{binding}의 {role}에는 동사가 \"{have}\"로 적혀 있습니다. \"{want}\"가 맞습니다.",
		},
		"near.resource-misspelt": {
			"{role}, by {binding}, says the resource \"{have}\"; it is \"{want}\".",
			"{binding}의 {role}에는 리소스가 \"{have}\"로 적혀 있습니다. \"{want}\"가 맞습니다.",
		},
		"near.name-not-listed": {
			"{role}, by {binding}, allows this for objects named {have} only, not for \"{want}\".",
			"{binding}의 {role:은/는} 이름이 {have}인 오브젝트에만 허용하고 \"{want}\"에는 허용하지 않습니다.",
		},
		"near.name-on-collection": {
			"{role}, by {binding}, allows this for objects named {have}; a {want} without a name has none to compare.",
			"{binding}의 {role:은/는} 이름이 {have}인 오브젝트에만 허용합니다. 이름 없는 {want} 요청에는 비교할 이름이 없습니다.",
		},
		"near.url-not-covered": {
			"{role}, by {binding}, allows the paths {have}, not {want}.",
			"{binding}의 {role:은/는} {have} 경로를 허용하고 {want:은/는} 허용하지 않습니다.",
		},
		"near.subject-missing": {
			"{binding} grants exactly this, to others: {have}.",
			"{binding:은/는} 바로 이 일을 다른 대상에게 허용합니다: {have}.",
		},
	}
}

// dangerTexts warn of what a right makes possible beyond what it says.
func dangerTexts() texts {
	return texts{
		"danger.wildcard-verb":     {"Every verb, also those to come.", "모든 동사가 허용되며, 나중에 생길 동사도 포함됩니다."},
		"danger.wildcard-resource": {"Every resource, also those to come.", "모든 리소스가 허용되며, 나중에 생길 리소스도 포함됩니다."},
		"danger.wildcard-group":    {"Every API group, also those to come.", "모든 API 그룹이 허용되며, 나중에 생길 그룹도 포함됩니다."},
		"danger.wildcard-url":      {"Every path of the server.", "서버의 모든 경로가 허용됩니다."},
		"danger.secrets":           {"Secrets hold passwords and tokens.", "시크릿에는 비밀번호와 토큰이 들어 있습니다."},
		"danger.logs":              {"Logs can hold passwords.", "로그에는 비밀번호가 남아 있을 수 있습니다."},
		"danger.workloads":         {"Who makes pods may use every account of the namespace.", "파드를 만들 수 있으면 그 네임스페이스의 모든 서비스어카운트를 쓸 수 있습니다."},
		"danger.exec":              {"Who gets into a pod can read its token.", "파드 안에 들어갈 수 있으면 그 토큰을 읽을 수 있습니다."},
		"danger.tokens":            {"Who makes tokens can be any of those accounts.", "토큰을 발급할 수 있으면 그 서비스어카운트가 될 수 있습니다."},
		"danger.escalate":          {"Who may escalate can grant itself everything.", "escalate 권한이 있으면 스스로에게 모든 권한을 줄 수 있습니다."},
		"danger.bind":              {"Who may bind can take any role.", "bind 권한이 있으면 어떤 롤이든 가질 수 있습니다."},
		"danger.impersonate":       {"Who may impersonate can be anybody.", "impersonate 권한이 있으면 누구든 될 수 있습니다."},
		"danger.node-proxy":        {"nodes/proxy reaches into every pod of a node, past admission.", "nodes/proxy로는 어드미션을 거치지 않고 노드의 모든 파드에 닿습니다."},
		"danger.approve":           {"Who approves certificates can make itself anybody.", "인증서를 승인할 수 있으면 누구든 될 수 있습니다."},
		"danger.webhooks":          {"Webhooks see and change every request.", "웹훅은 모든 요청을 보고 바꿀 수 있습니다."},
		"danger.volumes":           {"A volume can be a directory of the node.", "볼륨으로 노드의 디렉터리를 열 수 있습니다."},
		"danger.nodes":             {"Who changes nodes can draw pods to its own.", "노드를 바꿀 수 있으면 파드를 자기 노드로 끌어올 수 있습니다."},
		"danger.namespaces":        {"Labels of a namespace switch its protections.", "네임스페이스의 레이블로 보호 장치를 끌 수 있습니다."},
	}
}
