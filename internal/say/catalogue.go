package say

// parts lists the pieces of the catalogue, one per subject.
func parts() []texts {
	return []texts{
		generalTexts(),
		helpTexts(),
		flagTexts(),
		clusterTexts(),
		whoTexts(),
		clockTexts(),
		clientTexts(),
		upTexts(),
		podTexts(),
		scenarioTexts(),
		inspectTexts(),
		becauseTexts(),
		identityTexts(),
		keyTexts(),
		vaultTexts(),
		nodeTexts(),
		imageTexts(),
		eraTexts(),
		checkTexts(),
		adviceTexts(),
		whyTexts(),
		whoByTexts(),
		stepTexts(),
		remedyTexts(),
		admissionTexts(),
		ruleTexts(),
		nearTexts(),
		fixTexts(),
		dangerTexts(),
		rightsTexts(),
		lintTexts(),
		pathTexts(),
		rightsHelpTexts(),
	}
}

// generalTexts are the sentences that every verb may need.
func generalTexts() texts {
	return texts{
		"lang.unknown": {
			"--lang {lang}: kubemint speaks en and ko",
			"--lang {lang}: kubemint가 아는 언어는 en과 ko입니다",
		},
		"error.server": {
			"the server answered ({reason}): {text}",
			"서버의 응답({reason}): {text}",
		},
		"file.unreadable": {
			"cannot read {path}: {why}",
			"{path} 파일을 읽을 수 없습니다: {why}",
		},
		"flag.wrong": {
			"{why}; see {verb} --help",
			"{why} ({verb} --help를 참고하세요)",
		},
		"verb.usage": {
			"use it as: {usage}",
			"사용법: {usage}",
		},
		"verb.unknown": {
			"there is no verb \"{verb}\"; kubemint --help lists them",
			"\"{verb}\" 명령은 없습니다. kubemint --help에 목록이 있습니다",
		},
		"verb.unknown.near": {
			"there is no verb \"{verb}\"; did you mean \"{near}\"?",
			"\"{verb}\" 명령은 없습니다. \"{near}\"를 쓰려고 하셨나요?",
		},
		"version.is": {
			"kubemint {version}\nKubernetes {kubernetes} (what the server behaves as)\nkubectl {kubectl} (inside)",
			"kubemint {version}\n쿠버네티스 {kubernetes} (서버가 따르는 버전)\nkubectl {kubectl} (내장)",
		},
		"usage.usage":  {"Usage:", "사용법:"},
		"usage.verb":   {"VERB", "명령"},
		"usage.verbs":  {"Verbs:", "명령:"},
		"usage.flags":  {"Flags:", "플래그:"},
		"usage.global": {"Flags of every verb:", "공통 플래그:"},
	}
}
