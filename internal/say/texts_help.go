package say

// helpTexts say in one line what each verb does.
func helpTexts() texts {
	return texts{
		"help.kubemint": {
			"A small Kubernetes you can read, stop, fast-forward and question.",
			"읽고, 멈추고, 빨리 감고, 이유를 물어볼 수 있는 작은 쿠버네티스입니다.",
		},
		"help.up":               {"start a cluster", "클러스터를 시작합니다"},
		"help.down":             {"stop the cluster", "클러스터를 멈춥니다"},
		"help.status":           {"tell whether the cluster runs", "클러스터가 실행 중인지 알려 줍니다"},
		"help.reset":            {"throw the cluster away", "클러스터를 지우고 처음 상태로 되돌립니다"},
		"help.kubectl":          {"the real kubectl, pointed at this cluster", "이 클러스터에 연결된 kubectl입니다"},
		"help.as":               {"run a command as somebody else, with that one credential", "다른 신원 하나만 가지고 명령을 실행합니다"},
		"help.call":             {"send one request as somebody and show the answer", "지정한 신원으로 요청을 한 번 보내고 응답을 보여 줍니다"},
		"help.clock":            {"show and move the cluster's clock", "클러스터의 시계를 보고 움직입니다"},
		"help.clock.show":       {"what time it is in there, and what comes next", "클러스터의 현재 시각과 다음에 일어날 일을 보여 줍니다"},
		"help.clock.pause":      {"stop the clock", "시계를 멈춥니다"},
		"help.clock.resume":     {"let the clock run on", "멈춘 시계를 다시 움직입니다"},
		"help.clock.rate":       {"let the clock run N times as fast", "시계를 N배 빠르게 합니다"},
		"help.clock.advance":    {"run through the time: all that falls due happens, in order", "그만큼의 시간을 실제로 흘려보냅니다. 예정된 일이 순서대로 일어납니다"},
		"help.clock.leap":       {"jump, as a laptop that slept does", "절전에서 깨어난 노트북처럼 시간을 건너뜁니다"},
		"help.clock.next":       {"go to the next refresh, expiry or job", "다음 갱신, 만료, 작업 시각으로 갑니다"},
		"help.pod-dir":          {"where a pod's directory is, and what lies in it", "파드의 디렉터리 위치와 내용을 보여 줍니다"},
		"help.kubeconfig":       {"hand the cluster's kubeconfig to other clients", "다른 클라이언트가 쓸 kubeconfig를 다룹니다"},
		"help.kubeconfig.print": {"print it", "화면에 출력합니다"},
		"help.kubeconfig.merge": {"add it to your own kubeconfig; the current context stays", "내 kubeconfig에 추가합니다. 현재 컨텍스트는 바뀌지 않습니다"},
		"help.kubeconfig.remove": {
			"take kubemint's entries out of your own kubeconfig",
			"내 kubeconfig에서 kubemint 항목을 뺍니다",
		},
		"help.demo":            {"the tour: account, pod, token, allowed and denied, refresh, expiry", "둘러보기: 계정, 파드, 토큰, 허용과 거부, 갱신, 만료"},
		"help.scenario":        {"lessons and stage demos", "실습과 시연 시나리오를 다룹니다"},
		"help.scenario.list":   {"which there are", "목록을 보여 줍니다"},
		"help.scenario.show":   {"read one without playing it", "실행하지 않고 내용을 보여 줍니다"},
		"help.scenario.run":    {"play one", "실행합니다"},
		"help.scenario.verify": {"play them unattended and tell which still do what they say", "자동으로 실행해, 설명대로 되는지 확인합니다"},
		"help.scenario.check":  {"find mistakes in a scenario file", "시나리오 파일의 잘못을 찾습니다"},
		"help.why":             {"why a request was allowed or denied, what almost matched, the smallest fix", "요청이 왜 허용되거나 거부되었는지, 무엇이 아쉽게 빗나갔는지, 가장 작은 해결책을 알려 줍니다"},
		"help.token":           {"look into tokens", "토큰을 들여다봅니다"},
		"help.token.inspect":   {"who a token is, whether it would be accepted now, and why not", "토큰의 주인과, 지금 받아들여지는지, 아니라면 그 이유를 알려 줍니다"},
		"help.who-can":         {"who may do something, and by which binding", "어떤 일을 누가 할 수 있는지, 어느 바인딩 때문인지 알려 줍니다"},
		"help.version":         {"which kubemint, which Kubernetes, which kubectl", "kubemint, 쿠버네티스, kubectl의 버전을 보여 줍니다"},
		"help.completion":      {"a script that completes verbs in your shell", "셸 자동 완성 스크립트를 출력합니다"},
	}
}

// flagTexts describe the flags.
func flagTexts() texts {
	return texts{
		"flag.data-dir": {
			"`DIR` of the cluster (else KUBEMINT_DATA_DIR, else your data directory)",
			"클러스터의 `디렉터리` (없으면 KUBEMINT_DATA_DIR, 그다음은 사용자 데이터 디렉터리)",
		},
		"flag.kubeconfig": {"`FILE` that leads to the cluster, instead of the data directory's", "데이터 디렉터리의 것 대신 쓸 kubeconfig `파일`"},
		"flag.lang":       {"`LANGUAGE` to speak: en or ko (else LC_ALL, LANG)", "사용할 `언어`: en 또는 ko (없으면 LC_ALL, LANG)"},
		"flag.plain":      {"no questions, no cursor movement", "질문이나 커서 이동 없이 출력합니다"},
		"flag.help":       {"show this", "이 도움말을 보여 줍니다"},
		"flag.output":     {"`FORMAT`: json", "출력 `형식`: json"},
		"flag.namespace":  {"`NAMESPACE` of the pod or of what is asked for", "파드나 대상의 `네임스페이스`"},
		"flag.as": {
			"`WHO` to be: NAMESPACE:ACCOUNT, pod/NAME, user/NAME, token/FILE, anonymous or admin",
			"누구로 할지(`신원`): 네임스페이스:서비스어카운트, pod/이름, user/이름, token/파일, anonymous, admin",
		},
		"flag.data":    {"request body, or @`FILE`", "요청 본문, 또는 @`파일`"},
		"flag.verbose": {"tell more", "더 자세히 알려 줍니다"},
		"flag.tree":    {"show what lies in it", "내용을 트리로 보여 줍니다"},
		"flag.watch":   {"show it again when it changes", "바뀔 때마다 다시 보여 줍니다"},
		"flag.into":    {"kubeconfig `FILE` to add to (else the one your kubectl reads)", "추가할 kubeconfig `파일` (없으면 kubectl이 읽는 파일)"},
		"flag.from":    {"kubeconfig `FILE` to clean (else the one your kubectl reads)", "정리할 kubeconfig `파일` (없으면 kubectl이 읽는 파일)"},
		"flag.listen": {
			"`ADDRESS` of the API server; port 0 takes a free one (127.0.0.1:6443, or the next free port)",
			"API 서버의 `주소`. 포트 0은 빈 포트를 씁니다 (127.0.0.1:6443, 사용 중이면 다음 빈 포트)",
		},
		"flag.nodes":            {"how many `NODES` to simulate, also 0", "시뮬레이션할 `노드 수`, 0도 됩니다"},
		"flag.emulated-version": {"`MINOR` whose behaviour is shown", "따라 할 쿠버네티스 `마이너 버전`"},
		"flag.ephemeral":        {"keep nothing after the end", "끝나면 아무것도 남기지 않습니다"},
		"flag.storage":          {"`ENGINE` that keeps the objects: bolt or memory", "오브젝트를 저장할 `엔진`: bolt 또는 memory"},
		"flag.start":            {"`TIME` in the cluster at its very first start (now)", "처음 시작할 때의 클러스터 `시각` (현재 시각)"},
		"flag.token-auth-file":  {"CSV `FILE` of static tokens: token,user,uid,\"group,group\"", "정적 토큰 CSV `파일`: 토큰,사용자,uid,\"그룹,그룹\""},
		"flag.service-account-issuer": {
			"`ISSUER` of tokens; given again, further ones that are accepted",
			"토큰의 `발급자`. 여러 번 쓰면 나머지는 검증할 때만 받아들입니다",
		},
		"flag.api-audiences":            {"`AUDIENCES` that mean this API server (the issuers)", "이 API 서버를 뜻하는 `대상` 목록 (발급자와 같음)"},
		"flag.service-account-key-file": {"`FILE` with further keys that verify tokens; may be given again", "토큰 검증에 더 쓸 키 `파일`. 여러 번 쓸 수 있습니다"},
		"flag.service-account-signing-key-file": {
			"`FILE` with the key that signs tokens (pki/sa.key)",
			"토큰에 서명할 키 `파일` (pki/sa.key)",
		},
		"flag.service-account-signing-algorithm": {
			"`ALGORITHM` of the key if one is made: ES256 or RS256",
			"키를 새로 만들 때의 `알고리즘`: ES256 또는 RS256",
		},
		"flag.service-account-max-token-expiration": {
			"longest `DURATION` a requested token may live (no limit)",
			"요청할 수 있는 토큰의 최대 `수명` (제한 없음)",
		},
		"flag.service-account-extend-token-expiration": {
			"sign a year into the tokens of standard mounts, and warn after their hour",
			"표준 마운트 토큰에는 1년을 서명하고, 한 시간이 지나면 경고를 남깁니다",
		},
		"flag.audit-log-path": {"`FILE` to append an audit event to for each request; - is standard output", "요청마다 감사 이벤트를 덧붙일 `파일`. -는 표준 출력"},
		"flag.detach":         {"start it behind and return when it is ready", "백그라운드에서 시작하고, 준비되면 돌아옵니다"},
		"flag.here":           {"on the running cluster instead of a new one", "새 클러스터 대신 실행 중인 클러스터에서 합니다"},
		"flag.short":          {"hours and minutes only, for a prompt", "프롬프트용으로 시와 분만 보여 줍니다"},
		"flag.list":           {"list the newest requests", "최근 요청을 나열합니다"},
		"flag.fix":            {"print the fix as YAML", "해결책을 YAML로 출력합니다"},
		"flag.as-user":        {"`USER` who asks; also pod/NAME, anonymous", "물어볼 `사용자`. pod/이름, anonymous도 됩니다"},
		"flag.as-group":       {"`GROUP` of that user; may be given again", "그 사용자의 `그룹`. 여러 번 쓸 수 있습니다"},
		"flag.sa":             {"`NAMESPACE:ACCOUNT` that asks", "물어볼 서비스어카운트(`네임스페이스:이름`)"},
		"flag.all-namespaces": {"in all namespaces", "모든 네임스페이스에서"},
		"flag.subresource":    {"`NAME` of a subresource, such as log", "log 같은 하위 리소스의 `이름`"},
		"flag.audience":       {"`AUDIENCE` to judge it for (this API server)", "판정할 `대상` (이 API 서버)"},
		"flag.yes":            {"do not ask", "묻지 않습니다"},
		"flag.switch":         {"also make it the current context", "현재 컨텍스트도 이 클러스터로 바꿉니다"},
	}
}
