package say

// podTexts are about a pod's directory and its token.
func podTexts() texts {
	return texts{
		"pod.no-token.pod": {
			"Pod {pod} has no token: it says automountServiceAccountToken: false. Add nothing if it never calls the API.",
			"파드 {pod}에는 토큰이 없습니다. 파드가 automountServiceAccountToken: false라고 했기 때문입니다. API를 부르지 않는 파드라면 그대로 두면 됩니다.",
		},
		"pod.no-token.account": {
			"Pod {pod} has no token: its account says automountServiceAccountToken: false, and the pod says nothing (its word would win).",
			"파드 {pod}에는 토큰이 없습니다. 서비스어카운트가 automountServiceAccountToken: false이고 파드는 따로 정하지 않았습니다(파드가 정하면 파드를 따릅니다).",
		},
		"pod.no-token.yet": {
			"pod {pod} has no mounted token yet",
			"파드 {pod}에는 아직 마운트된 토큰이 없습니다",
		},
		"pod.no-directory": {
			"pod {pod} has no directory yet: no node has started it",
			"파드 {pod}의 디렉터리가 아직 없습니다. 파드를 시작한 노드가 없습니다",
		},
		"tree.inside": {
			"{path} inside the pod",
			"파드 안에서는 {path}",
		},
		"tree.switch": {
			"all files switch here at once",
			"모든 파일이 여기서 한꺼번에 바뀝니다",
		},
		"tree.source": {
			"from {source}",
			"출처: {source}",
		},
		"tree.refresh": {
			"refreshed about {at} (in {in})",
			"{at}쯤 갱신 ({in} 뒤)",
		},
	}
}
