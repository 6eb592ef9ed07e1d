package say

// ruleTexts put rules of RBAC into words.
func ruleTexts() texts {
	return texts{
		"rule.on":                {"{verbs} on {what}", "{what}에 대한 {verbs}"},
		"rule.named":             {"{verbs} on {what} named {names}", "이름이 {names}인 {what}에 대한 {verbs}"},
		"rule.paths":             {"{verbs} on the paths {what}", "경로 {what}에 대한 {verbs}"},
		"rule.then":              {"{rule}; {rest}", "{rule}; {rest}"},
		"rule.more":              {"and {n} more rules", "그 밖에 규칙 {n}개"},
		"rule.every-path":        {"{verbs} on every path", "모든 경로에 대한 {verbs}"},
		"word.every-verb":        {"every verb", "모든 동사"},
		"word.every-resource":    {"every resource", "모든 리소스"},
		"word.every-resource-of": {"every resource of group {groups}", "그룹 {groups}의 모든 리소스"},
		"word.and-more":          {"{list} and {n} more", "{list} 외 {n}개"},
		"rbac.skipped": {
			"Passed over, for they grant nothing by themselves: {kinds}.",
			"그 자체로는 아무것도 허용하지 않아 건너뛴 것: {kinds}.",
		},
	}
}

// nearTexts say at which point a binding that almost allows does not match. Those of "and-near." continue a sentence of "near.".
func nearTexts() texts {
	return texts{
		"near.other-namespace": {
			"{role}, by {binding}, allows exactly this, but a RoleBinding counts only in its own namespace, \"{have}\". You asked for \"{want}\".",
			"{binding:이/가} 준 {role:은/는} 바로 이 일을 허용하지만, 롤바인딩은 자기 네임스페이스 \"{have}\"에서만 효력이 있습니다. 요청한 곳은 \"{want}\"입니다.",
		},
		"near.verb-missing": {
			"{role}, by {binding}, allows {have} on {resource}, but not {want}.",
			"{binding:이/가} 준 {role:은/는} {resource}에 {have}만 허용하고 {want:은/는} 허용하지 않습니다.",
		},
		"and-near.verb-missing": {"And it allows {have}, not {want}.", "게다가 {have}만 허용하고 {want:은/는} 허용하지 않습니다."},
		"near.subresource-missing": {
			"{role}, by {binding}, allows {verb} on {have}. That does not include \"{want}\": a subresource is a right of its own.",
			"{binding:이/가} 준 {role:은/는} {have}에 {verb:을/를} 허용합니다. \"{want}\"는 포함되지 않습니다. 하위 리소스는 따로 허용해야 합니다.",
		},
		"near.subresource-only": {
			"{role}, by {binding}, allows {verb} on {have} only, not on {want} themselves.",
			"{binding:이/가} 준 {role:은/는} {have}에만 {verb:을/를} 허용하고 {want} 자체에는 허용하지 않습니다.",
		},
		"near.subresource-glob": {
			"{role}, by {binding}, says \"{have}\", which is no pattern in RBAC; write \"{want}\".",
			"{binding:이/가} 준 {role}에는 \"{have}\"라고 적혀 있지만 RBAC에서 이것은 패턴이 아닙니다. \"{want}\"라고 적어야 합니다.",
		},
		"near.group-missing": {
			"{role}, by {binding}, names {resource} in the API group {have}; they are in {want}. Groups are compared letter by letter.",
			"{binding:이/가} 준 {role}에는 {resource}의 API 그룹이 {have:으로/로} 적혀 있지만 실제 그룹은 {want}입니다. 그룹은 글자 그대로 비교합니다.",
		},
		"and-near.group-missing": {"And it names the API group {have}, not {want}.", "게다가 API 그룹이 {want:이/가} 아니라 {have:으로/로} 적혀 있습니다."},
		"near.group-is-version": {
			"{role}, by {binding}, says {have} as API group. That has a version in it; the group is {want}.",
			"{binding:이/가} 준 {role}에는 API 그룹이 {have:으로/로} 적혀 있습니다. 버전은 빼고 {want:이라고/라고}만 적어야 합니다.",
		},
		"and-near.group-is-version": {"And its API group {have} has a version in it; the group is {want}.", "게다가 API 그룹 {have}에 버전이 들어 있습니다. 그룹은 {want}입니다."},
		"near.account-elsewhere": {
			"{binding} grants exactly this, but to {name} of namespace \"{from}\". You are {name} of namespace \"{to}\".",
			"{binding:은/는} 바로 이 일을 허용하지만, 대상이 네임스페이스 \"{from}\"의 {name}입니다. 요청한 쪽은 네임스페이스 \"{to}\"의 {name}입니다.",
		},
		"near.no-account": {
			"No account {account} exists; Kubernetes does not check that.",
			"{account}라는 서비스어카운트는 없습니다. 쿠버네티스는 그것을 확인하지 않습니다.",
		},
		"near.account-as-user": {
			"{binding} grants exactly this, but to a User named \"{have}\". {want} is a ServiceAccount, and the subject's kind must say so.",
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
			"{binding} names you, but its role, {want}, does not exist. Kubernetes does not check that.",
			"{binding}에 요청한 쪽이 들어 있지만, 바인딩이 가리키는 {want:이/가} 없습니다. 쿠버네티스는 그것을 확인하지 않습니다.",
		},
		"near.similar-roles": {"There is: {roles}.", "있는 것: {roles}."},
		"near.cluster-binding-needed": {
			"{role}, by {binding}, allows {verb} on {resource}, but a RoleBinding counts only in its own namespace, \"{have}\"; your request named no namespace.",
			"{binding:이/가} 준 {role:은/는} {resource}에 {verb:을/를} 허용하지만, 롤바인딩은 자기 네임스페이스 \"{have}\"에서만 효력이 있습니다. 이 요청은 네임스페이스를 지정하지 않았습니다.",
		},
		"near.cluster-scoped": {
			"{role}, by {binding}, allows {verb} on {resource}, but these live in no namespace: a RoleBinding can never grant them, only a ClusterRoleBinding can.",
			"{binding:이/가} 준 {role:은/는} {resource}에 {verb:을/를} 허용하지만, 이 리소스는 네임스페이스에 속하지 않습니다. 롤바인딩으로는 줄 수 없고 클러스터롤바인딩이 필요합니다.",
		},
		"near.verb-misspelt": {
			"{role}, by {binding}, says the verb \"{have}\"; it is \"{want}\".",
			"{binding:이/가} 준 {role}에는 동사가 \"{have}\"로 적혀 있습니다. \"{want}\"가 맞습니다.",
		},
		"and-near.verb-misspelt": {"And its verb \"{have}\" should be \"{want}\".", "게다가 동사 \"{have}\"는 \"{want}\"로 적어야 합니다."},
		"near.resource-misspelt": {
			"{role}, by {binding}, says the resource \"{have}\"; RBAC knows it only as \"{want}\".",
			"{binding:이/가} 준 {role}에는 리소스가 \"{have}\"로 적혀 있습니다. RBAC은 \"{want}\"만 알아봅니다.",
		},
		"near.name-not-listed": {
			"{role}, by {binding}, allows this for objects named {have} only, not for \"{want}\".",
			"{binding:이/가} 준 {role:은/는} 이름이 {have}인 오브젝트에만 허용하고 \"{want}\"에는 허용하지 않습니다.",
		},
		"and-near.name-not-listed": {"And only for objects named {have}.", "게다가 이름이 {have}인 오브젝트에만 허용합니다."},
		"near.name-on-collection": {
			"{role}, by {binding}, allows this for objects named {have}; a {want} without a name has none to compare.",
			"{binding:이/가} 준 {role:은/는} 이름이 {have}인 오브젝트에만 허용합니다. 이름 없는 {want} 요청에는 비교할 이름이 없습니다.",
		},
		"and-near.name-on-collection": {"And only for objects named {have}: a {want} without a name has none to compare.", "게다가 이름이 {have}인 오브젝트에만 허용합니다. 이름 없는 {want} 요청에는 비교할 이름이 없습니다."},
		"near.url-not-covered": {
			"{role}, by {binding}, allows the paths {have}, not {want}.",
			"{binding:이/가} 준 {role:은/는} {have} 경로를 허용하고 {want:은/는} 허용하지 않습니다.",
		},
		"near.subject-missing": {
			"{binding} grants exactly this, to others: {have}.",
			"{binding:은/는} 바로 이 일을 다른 대상에게 허용합니다: {have}.",
		},
	}
}

// fixTexts say what a fix costs.
func fixTexts() texts {
	return texts{
		"fix.missing-role": {"This makes the role that {binding} has been waiting for.", "{binding:이/가} 가리키던 롤을 만듭니다."},
		"fix.exact":        {"Allows this and nothing else.", "이것만 허용하고 다른 것은 허용하지 않습니다."},
		"fix.any-name":     {"It allows this on {resource} of every name, not only \"{name}\".", "\"{name}\"만이 아니라 모든 {resource}에 허용됩니다."},
		"fix.also":         {"Also allows {rules}.", "함께 허용되는 것: {rules}."},
		"fix.others":       {"It also reaches {who}.", "{who}에게도 적용됩니다."},
		"fix.take-out":     {"Then take the wrong subject out: {command}", "그다음 잘못된 대상을 빼세요: {command}"},
		"fix.not-cluster-wide": {
			"Not by a ClusterRoleBinding to {role}: that would open all it allows, in every namespace.",
			"{role:을/를} 클러스터롤바인딩으로 주지는 마세요. 그 롤의 모든 권한이 모든 네임스페이스에 열립니다.",
		},
		"fix.not-in-role": {
			"Adding it to {role} instead would also give it to {who}.",
			"대신 {role}에 넣으면 {who}에게도 허용됩니다.",
		},
		"fix.yaml":          {"As YAML: kubemint why {number} --fix", "YAML로 보기: kubemint why {number} --fix"},
		"fix.yaml.question": {"As YAML: the same with --fix", "YAML로 보기: 같은 명령에 --fix"},
		"fix.none":          {"no single role and binding can allow this", "롤과 바인딩 하나로는 허용할 수 없습니다"},
		"fix.node": {
			"nothing to grant: what a node may do follows from the pods that run on it.",
			"줄 수 있는 권한이 없습니다. 노드가 할 수 있는 일은 그 노드에서 실행되는 파드에 따라 정해집니다.",
		},
		"fix.anonymous": {
			"Do not grant it to strangers; send a credential:",
			"모르는 사람에게 허용하지 말고 자격 증명을 보내세요.",
		},
		"fix.escalation.role": {
			"Let somebody do it who holds these rights. (The verb \"escalate\" on roles lifts this check, and with it every limit.)",
			"이 권한을 모두 가진 쪽이 하게 하세요. (롤에 대한 escalate 동사가 있으면 이 검사를 건너뛰지만, 그러면 어떤 제한도 남지 않습니다.)",
		},
		"fix.escalation.binding": {
			"Let somebody do it who holds these rights, or grant the verb \"bind\" on this one role.",
			"이 권한을 모두 가진 쪽이 하게 하거나, 이 롤 하나에 대해 bind 동사를 허용하세요.",
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

// rightsTexts list who may do what.
func rightsTexts() texts {
	return texts{
		"who-can.title":     {"May {what}:", "이 일을 할 수 있는 대상: {what}"},
		"who-can.by":        {"  by {binding}, {role}, rule {rule}", "  {binding}, {role}, 규칙 {rule}"},
		"who-can.more-ways": {"  and in {n} more {n:way|ways} (-v)", "  그 밖에 {n}가지 방법 (-v)"},
		"who-can.group":     {"(everybody in it)", "(그룹의 모두)"},
		"who-can.nobody":    {"nobody by RBAC", "RBAC으로는 아무도 없습니다"},
		"who-can.also":      {"Also", "그리고"},
		"who-can.masters":   {"the group system:masters, which RBAC is not asked for", "RBAC에 묻지 않는 system:masters 그룹"},

		"access.title":           {"What {user} may do, in all namespaces at once", "{user:이/가} 할 수 있는 일, 모든 네임스페이스에 걸쳐"},
		"access.title.in":        {"What {user} may do, namespace {namespace}", "{user:이/가} 할 수 있는 일, 네임스페이스 {namespace}"},
		"access.rest.more":       {"and {n} more resources (-v)", "그 밖의 리소스 {n}개 (-v)"},
		"access.also":            {"Also", "그리고"},
		"access.paths":           {"Paths", "경로"},
		"access.paths.get":       {"{paths}", "{paths}"},
		"access.elsewhere":       {"More", "그 밖에"},
		"access.elsewhere.rules": {"{rules} (not served here)", "{rules} (이 클러스터가 제공하지 않음)"},
		"access.elsewhere.count": {"{n} {n:rule|rules} about resources that this cluster does not serve (-v)", "이 클러스터가 제공하지 않는 리소스에 대한 규칙 {n}개 (-v)"},
		"access.dangers":         {"Careful", "주의"},
		"access.node":            {"A node may do more than RBAC says: what its own pods need.", "노드는 RBAC이 허용하는 것 말고도, 자기 파드에 필요한 것을 다룰 수 있습니다."},
		"access.nothing":         {"No right on any resource. That is how every account begins.", "어떤 리소스에도 권한이 없습니다. 모든 서비스어카운트는 이렇게 시작합니다."},
		"access.link":            {"{role}, by {binding}.", "{role} ({binding})."},
		"access.link.missing":    {"{binding} grants nothing: its role, {role}, does not exist.", "{binding:은/는} 아무것도 주지 않습니다. 가리키는 {role:이/가} 없습니다."},
		"access-diff.title":      {"If {file} were applied now:", "지금 {file:을/를} 적용한다면:"},
		"access-diff.nothing":    {"Change", "변화"},
		"access-diff.nothing.why": {
			"none: nobody gains a right and nobody loses one",
			"없음: 권한을 얻는 쪽도 잃는 쪽도 없습니다",
		},
		"access-diff.everywhere": {"{who}, everywhere", "{who}, 클러스터 전체"},
		"access-diff.in":         {"{who}, namespace {namespace}", "{who}, 네임스페이스 {namespace}"},
		"access-diff.gains":      {"gains {rules}.", "얻음: {rules}."},
		"access-diff.loses":      {"loses {rules}.", "잃음: {rules}."},

		"rbac-import.title":      {"{files}: {roles} {roles:role|roles}, {bindings} {bindings:binding|bindings}. Nothing was applied.", "{files}: 롤 {roles}개, 바인딩 {bindings}개. 아무것도 적용하지 않았습니다."},
		"rbac-import.everywhere": {"  everywhere: {rules} ({role}, by {binding})", "  클러스터 전체: {rules} ({role}, {binding})"},
		"rbac-import.in":         {"  in {namespace}: {rules} ({role}, by {binding})", "  {namespace}: {rules} ({role}, {binding})"},
		"rbac-import.nobody":     {"nobody: there is no binding in it", "아무도 없음: 바인딩이 들어 있지 않습니다"},
		"rbac-import.unreadable": {"{file}: {why}", "{file}: {why}"},
	}
}

// lintTexts say what is odd about roles and bindings; the last part of a code is the engine's.
func lintTexts() texts {
	return texts{
		"lint.title":        {"{n} {n:finding|findings}, {m} {m:way|ways} to hold all rights", "발견 {n}건, 모든 권한에 이르는 길 {m}가지"},
		"lint.clean":        {"Nothing odd: no finding, and nobody but administrators can come to hold all rights.", "이상 없음: 발견된 것이 없고, 관리자 말고는 아무도 모든 권한에 이를 수 없습니다."},
		"lint.found":        {"Found", "발견"},
		"lint.paths":        {"Ways", "길"},
		"lint.more-dangers": {"And more (-v).", "그 밖에도 있습니다(-v)."},
		"lint.place":        {"{object}:", "{object}:"},
		"lint.place.rule":   {"{object}, rule {rule}:", "{object}, 규칙 {rule}:"},

		"lint.no-subjects":       {"it names nobody.", "대상이 없습니다."},
		"lint.account-missing":   {"it names account {have}, which does not exist.", "서비스어카운트 {have:을/를} 가리키지만 없습니다."},
		"lint.unused-role":       {"no binding refers to it.", "이 롤을 쓰는 바인딩이 없습니다."},
		"lint.names-ineffective": {"resourceNames say nothing for {have}: such requests have no name.", "{have} 요청에는 이름이 없으므로 resourceNames가 소용없습니다."},
		"lint.wrong-group":       {"the API group {have} does not have {want}.", "{want:은/는} API 그룹 {have}에 없습니다."},
		"lint.url-ineffective":   {"a RoleBinding cannot grant the paths {have} of {want}.", "롤바인딩으로는 {want}의 경로 {have:을/를} 줄 수 없습니다."},
		"lint.cluster-scoped":    {"a RoleBinding cannot grant {have}, which live in no namespace ({want}).", "{have:은/는} 네임스페이스에 속하지 않아 롤바인딩으로는 줄 수 없습니다({want})."},
		"lint.group-misspelt":    {"the group \"{have}\" has no members; did you mean \"{want}\"?", "그룹 \"{have}\"에는 아무도 없습니다. \"{want}\"를 쓰려고 하셨나요?"},
		"lint.everyone":          {"it reaches everybody in {have}.", "{have}에 속한 모두에게 적용됩니다."},
		"lint.default-account":   {"{have} is the account that pods get unasked: all of them gain this.", "{have:은/는} 아무것도 지정하지 않은 파드가 받는 서비스어카운트입니다. 그런 파드 모두에게 허용됩니다."},
		"lint.role-missing":      {"its role, {want}, does not exist.", "가리키는 {want:이/가} 없습니다."},
		"lint.group-is-version":  {"the API group {have} has a version in it; the group is {want}.", "API 그룹 {have}에 버전이 들어 있습니다. 그룹은 {want}입니다."},
		"lint.subresource-glob":  {"\"{have}\" is no pattern in RBAC: it matches nothing.", "\"{have}\"는 RBAC의 패턴이 아니어서 아무것도 가리키지 않습니다."},
		"lint.verb-misspelt":     {"the verb \"{have}\" should be \"{want}\".", "동사 \"{have}\"는 \"{want}\"로 적어야 합니다."},
		"lint.resource-misspelt": {"the resource \"{have}\" should be \"{want}\".", "리소스 \"{have}\"는 \"{want}\"로 적어야 합니다."},
		"lint.account-as-user":   {"it names a User \"{have}\"; {want} is a ServiceAccount.", "이름이 \"{have}\"인 User를 가리키지만 {want:은/는} 서비스어카운트입니다."},
	}
}

// pathTexts say by which steps somebody can come to hold all rights. Those of "path-to." make one somebody else.
func pathTexts() texts {
	return texts{
		"path.who":            {"{who}", "{who:은/는}"},
		"path.then":           {"Then it", "그다음"},
		"path.admin":          {"holds every right already ({binding}).", "이미 모든 권한을 가지고 있습니다({binding})."},
		"path.escalate":       {"may write any right into a ClusterRole ({binding}).", "클러스터롤에 어떤 권한이든 써 넣을 수 있습니다({binding})."},
		"path.bind":           {"may bind cluster-admin to itself ({binding}).", "스스로에게 cluster-admin을 바인딩할 수 있습니다({binding})."},
		"path.masters":        {"may act as a member of system:masters ({binding}).", "system:masters 그룹으로 가장할 수 있습니다({binding})."},
		"path-to.impersonate": {"may act as {target} ({binding}).", "{target:으로/로} 가장할 수 있습니다({binding})."},
		"path-to.token":       {"may have a token made for {target} ({binding}).", "{target}의 토큰을 발급받을 수 있습니다({binding})."},
		"path-to.workload":    {"may run a pod as {target} in {namespace} ({binding}).", "{namespace}에서 {target:으로/로} 파드를 실행할 수 있습니다({binding})."},
		"path-to.exec":        {"may run a command in a pod of {target} in {namespace} ({binding}).", "{namespace}에서 {target}의 파드 안에 들어가 명령을 실행할 수 있습니다({binding})."},
		"path-to.bind":        {"may bind cluster-admin in {namespace} and so become {target} ({binding}).", "{namespace}에 cluster-admin을 바인딩해 {target:이/가} 될 수 있습니다({binding})."},
		"path-to.escalate":    {"may write any right into a Role of {namespace} and so become {target} ({binding}).", "{namespace}의 롤에 어떤 권한이든 써 넣어 {target:이/가} 될 수 있습니다({binding})."},
		"path-to.secrets":     {"may read the token Secret of {target} in {namespace}, if there is one ({binding}).", "{namespace}에 {target}의 토큰 시크릿이 있으면 읽을 수 있습니다({binding})."},
		"path-to.node-proxy":  {"may run commands in all pods through the kubelets, also those of {target} ({binding}).", "kubelet을 거쳐 {target}의 파드를 포함한 모든 파드에서 명령을 실행할 수 있습니다({binding})."},
		"path-to.approve":     {"may approve a certificate for {target} ({binding}).", "{target} 이름의 인증서를 승인할 수 있습니다({binding})."},
	}
}
