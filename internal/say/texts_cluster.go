package say

// clusterTexts are about finding a cluster and reaching it.
func clusterTexts() texts {
	return texts{
		"datadir.unknown": {
			"cannot tell where your home directory is; name a directory with --data-dir",
			"홈 디렉터리를 찾을 수 없습니다. --data-dir로 디렉터리를 지정해 주세요",
		},
		"cluster.none": {
			"there is no cluster in {dir} yet; start one with: kubemint up",
			"{dir}에는 아직 클러스터가 없습니다. kubemint up으로 시작하세요",
		},
		"cluster.down": {
			"the cluster at {server} does not answer; start it with: kubemint up",
			"{server}의 클러스터가 응답하지 않습니다. kubemint up으로 시작하세요",
		},
		"cluster.other": {
			"another server answers at {server}: its certificate is not this cluster's. Is your cluster stopped? Start it with: kubemint up",
			"{server}에서 다른 서버가 응답합니다(인증서가 이 클러스터의 것이 아닙니다). 클러스터가 멈춰 있다면 kubemint up으로 시작하세요",
		},
		"kubeconfig.unreadable": {
			"cannot use the kubeconfig {path}: {why}",
			"kubeconfig {path:을/를} 사용할 수 없습니다: {why}",
		},
		"kubeconfig.incomplete": {
			"the kubeconfig {path} names no cluster in its current context",
			"kubeconfig {path}의 현재 컨텍스트에 클러스터가 없습니다",
		},
		"kubeconfig.foreign": {
			"{path} has an entry \"{name}\" that kubemint did not write; nothing was changed",
			"{path}에 kubemint가 만들지 않은 \"{name}\" 항목이 있어 아무것도 바꾸지 않았습니다",
		},
		"kubeconfig.merged": {
			"added context {name} to {path}; your current context is as before\nuse it with: kubectl --context {name} get pods",
			"{path}에 컨텍스트 {name:을/를} 추가했습니다. 현재 컨텍스트는 그대로입니다\n사용 예: kubectl --context {name} get pods",
		},
		"kubeconfig.switched": {
			"added context {name} to {path} and made it the current one",
			"{path}에 컨텍스트 {name:을/를} 추가하고 현재 컨텍스트로 바꿨습니다",
		},
		"kubeconfig.nothing": {
			"{path} has no entry of kubemint's",
			"{path}에는 kubemint 항목이 없습니다",
		},
		"kubeconfig.removed": {
			"took {names} out of {path}",
			"{path}에서 {names:을/를} 뺐습니다",
		},
		"kubectl.ignored": {
			"KUBECONFIG={path} leads to a cluster that is not kubemint's and is left aside (--kubeconfig would count)",
			"KUBECONFIG={path}는 kubemint 클러스터가 아니어서 쓰지 않습니다(--kubeconfig로 지정하면 씁니다)",
		},
		"call.malformed": {
			"\"{path}\" is not a path to call",
			"\"{path}\"는 호출할 수 있는 경로가 아닙니다",
		},
		"call.no-credential": {
			"(no credential)",
			"(자격 증명 없음)",
		},
	}
}

// whoTexts are about being somebody.
func whoTexts() texts {
	return texts{
		"who.unknown": {
			"\"{who}\" is nobody: say NAMESPACE:ACCOUNT, pod/NAME, user/NAME, token/FILE, anonymous or admin",
			"\"{who}\"가 누구인지 알 수 없습니다. 네임스페이스:서비스어카운트, pod/이름, user/이름, token/파일, anonymous, admin 가운데 하나로 적어 주세요",
		},
		"token.unreadable": {
			"cannot read the token file {path}; is the pod gone?",
			"토큰 파일 {path:을/를} 읽을 수 없습니다. 파드가 사라졌을 수 있습니다",
		},
		"user.unsigned": {
			"signing request {request} was approved, but no certificate came",
			"인증서 서명 요청 {request:은/는} 승인되었지만 인증서가 발급되지 않았습니다",
		},
		"as.directory": {
			"cannot make a place for the kubeconfig: {why}",
			"kubeconfig를 둘 자리를 만들 수 없습니다: {why}",
		},
		"as.command": {
			"cannot run {command}: {why}",
			"{command:을/를} 실행할 수 없습니다: {why}",
		},
	}
}
