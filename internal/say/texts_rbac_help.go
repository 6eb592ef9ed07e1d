package say

// rightsHelpTexts describe the verbs and flags about rights and stories.
func rightsHelpTexts() texts {
	return texts{
		"help.access":      {"what somebody may do, as a matrix", "누군가가 할 수 있는 일을 표로 보여 줍니다"},
		"help.access.diff": {"who would gain and lose what if a file were applied", "파일을 적용하면 누가 어떤 권한을 얻고 잃는지 알려 줍니다"},
		"help.rbac":        {"look at roles and bindings as a whole", "롤과 바인딩 전체를 살펴봅니다"},
		"help.rbac.lint":   {"what is odd or dangerous, and who could come to hold all rights", "이상하거나 위험한 곳과, 모든 권한에 이르는 길을 찾습니다"},
		"help.rbac.import": {"explain the roles and bindings in files, of any cluster, without applying them", "다른 클러스터의 것이라도 파일에 든 롤과 바인딩을 적용하지 않고 설명합니다"},

		"flag.follow":          {"go on listing as requests come in", "새 요청이 올 때마다 이어서 보여 줍니다"},
		"flag.user-filter":     {"only requests of `USER`: a name, NAMESPACE:ACCOUNT, anonymous", "`사용자`의 요청만: 이름, 네임스페이스:서비스어카운트, anonymous"},
		"flag.verb-filter":     {"only requests with `VERB`, such as list", "list 같은 `동사`의 요청만"},
		"flag.resource-filter": {"only requests on `RESOURCE`, such as pods or pods/log", "pods나 pods/log 같은 `리소스`의 요청만"},
		"flag.outcome":         {"only requests that ended so: allowed, denied, refused, failed, a `CODE` or 4xx", "이렇게 끝난 요청만: allowed, denied, refused, failed, `코드` 또는 4xx"},
		"flag.system":          {"also those of the cluster's own components", "클러스터 구성 요소의 요청도 포함합니다"},
		"flag.limit":           {"how many `REQUESTS` to list", "나열할 `요청 수`"},
		"flag.manifest":        {"`FILE` with roles and bindings, - for standard input; may be given again", "롤과 바인딩이 든 `파일`, -는 표준 입력. 여러 번 쓸 수 있습니다"},
		"flag.lint-system":     {"also Kubernetes' own roles and bindings", "쿠버네티스 자체의 롤과 바인딩도 포함합니다"},
	}
}
