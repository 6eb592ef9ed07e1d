package say

// eraTexts are about what the minors did differently.
func eraTexts() texts {
	return texts{
		"help.era":      {"what Kubernetes minors did differently", "쿠버네티스 버전별 차이를 봅니다"},
		"help.era.diff": {"apply a file to clusters of two eras and show what differs", "파일 하나를 두 시대의 클러스터에 적용해 차이를 보여 줍니다"},
		"flag.filename": {"`FILE` to apply, - for standard input", "적용할 `파일`. -는 표준 입력"},
		"flag.pod-token": {
			"`KIND` of token that pods get, whatever the minor: legacy-secret or projected",
			"버전과 상관없이 파드에 줄 토큰 `종류`: legacy-secret 또는 projected",
		},
		"flag.auto-secret": {
			"`true` or false: make a Secret with a token for every account, whatever the minor",
			"`true` 또는 false: 버전과 상관없이 서비스어카운트마다 토큰 시크릿을 만들지 정합니다",
		},
		"up.pod-token": {
			"--pod-token {value}: pods get a legacy-secret or a projected token",
			"--pod-token {value}: legacy-secret과 projected 가운데 하나를 쓰세요",
		},
		"up.auto-secret": {
			"--auto-secret {value}: true or false",
			"--auto-secret {value}: true와 false 가운데 하나를 쓰세요",
		},
		"era.unknown": {
			"{version} is no minor that kubemint knows: 1.20 to 1.36",
			"{version:은/는} kubemint가 아는 마이너 버전이 아닙니다. 1.20부터 1.36까지 쓸 수 있습니다",
		},
		"era.refused": {
			"the cluster of {version} refused the file: {why}",
			"{version} 클러스터가 파일을 거절했습니다: {why}",
		},

		"era.account":      {"Account {name}", "서비스어카운트 {name}"},
		"era.secrets":      {"Secret made for it", "자동 생성 시크릿"},
		"era.secrets.none": {"none", "없음"},
		"era.column":       {"SECRETS column", "SECRETS 열"},
		"era.column.gone":  {"there is none", "열이 없음"},
		"era.outside":      {"outside program", "클러스터 밖 프로그램"},
		"era.outside.secret": {
			"reads the Secret once and keeps the token for good:\n  kubectl get secret {secret} -n {namespace} \\\n    -o jsonpath={{.data.token}} | base64 -d",
			"시크릿을 한 번 읽고 그 토큰을 계속 씁니다:\n  kubectl get secret {secret} -n {namespace} \\\n    -o jsonpath={{.data.token}} | base64 -d",
		},
		"era.outside.request": {
			"asks for a token that ends, and asks again in time:\n  kubectl create token {account} -n {namespace}",
			"만료되는 토큰을 요청하고, 때가 되면 다시 요청합니다:\n  kubectl create token {account} -n {namespace}",
		},
		"era.pod":             {"Pod {name}", "파드 {name}"},
		"era.phase":           {"phase", "상태"},
		"era.mount":           {"token mount", "토큰 마운트"},
		"era.mount.secret":    {"the Secret {name}", "시크릿 {name}"},
		"era.mount.projected": {"projected volume {name}, asks for {seconds} s", "projected 볼륨 {name}, {seconds}초를 요청"},
		"era.mount.none":      {"nothing", "없음"},
		"era.files":           {"files", "파일"},
		"era.claims":          {"claims", "클레임"},
		"era.ends":            {"ends", "만료"},
		"era.ends.never":      {"never", "없음"},
		"era.ends.once":       {"after {d}", "{d} 뒤"},
		"era.ends.two":        {"after {told} (told to the kubelet), after {signed} (signed into the token)", "{told} 뒤(kubelet이 통보받은 시각), {signed} 뒤(토큰에 서명된 시각)"},
		"era.renewed":         {"renewed", "갱신"},
		"era.renewed.never":   {"never", "안 함"},
		"era.renewed.after":   {"after {d}, by the kubelet", "{d} 뒤 kubelet이 갱신"},
		"era.dies":            {"dies with", "함께 끊기는 것"},
		"era.dies.secret":     {"its Secret, its account", "시크릿, 서비스어카운트"},
		"era.dies.pod":        {"its pod, its account", "파드, 서비스어카운트"},
		"era.same":            {"The same in both:", "두 시대가 같은 것:"},
	}
}
