package say

// identityTexts are about credentials for people and for programs outside.
func identityTexts() texts {
	return texts{
		"help.token.exec-credential": {"print a fresh token as an exec credential plugin", "exec 자격 증명 플러그인으로 새 토큰을 출력합니다"},
		"help.kubeconfig.create":     {"write one for a program that is to be a ServiceAccount", "서비스어카운트로 동작할 프로그램의 kubeconfig를 만듭니다"},
		"help.user":                  {"make credentials for people", "사람이 쓸 자격 증명을 만듭니다"},
		"help.user.create":           {"a client certificate and a kubeconfig, through the certificate API", "인증서 API로 클라이언트 인증서와 kubeconfig를 만듭니다"},

		"flag.serviceaccount": {"`NAMESPACE/NAME` of the account", "서비스어카운트의 `네임스페이스/이름`"},
		"flag.duration":       {"how `LONG` a token is to live; the server may shorten it", "토큰의 `수명`. 서버가 줄일 수 있습니다"},
		"flag.token-audience": {"`AUDIENCE` of the token (this API server); may be given again", "토큰의 `대상` (이 API 서버). 여러 번 쓸 수 있습니다"},
		"flag.exec":           {"no token in the file, but the command that fetches one", "파일에 토큰 대신 토큰을 가져오는 명령을 넣습니다"},
		"flag.file":           {"`FILE` to write, - for standard output (NAME.kubeconfig)", "저장할 `파일`. -는 표준 출력 (이름.kubeconfig)"},
		"flag.group":          {"`GROUP` of the user; may be given again", "사용자의 `그룹`. 여러 번 쓸 수 있습니다"},
		"flag.certificate-duration": {
			"how `LONG` the certificate is to last (as long as the signer likes)",
			"인증서의 `유효 기간` (서명자가 정하는 만큼)",
		},

		"account.malformed": {
			"--serviceaccount {value}: write it as NAMESPACE/NAME",
			"--serviceaccount {value}: 네임스페이스/이름 형식으로 쓰세요",
		},
		"file.foreign": {
			"{path} is there already and not one that kubemint wrote; choose another with --file",
			"{path} 파일이 이미 있고 kubemint가 만든 것이 아닙니다. --file로 다른 이름을 정하세요",
		},
		"kubeconfig.created": {
			"{path} is {user}. Its token ends {when}; nobody renews it.\n  kubectl --kubeconfig {path} auth whoami",
			"{path}: {user}의 kubeconfig입니다. 안에 든 토큰은 {when} 만료되고, 아무도 갱신하지 않습니다.\n  kubectl --kubeconfig {path} auth whoami",
		},
		"kubeconfig.created.exec": {
			"{path} is {user}. It holds no token: kubectl and other clients run kubemint to fetch one, and again before it ends (the first would end {when}). That command asks as this cluster's administrator, so keep the file on this computer.\n  kubectl --kubeconfig {path} auth whoami",
			"{path}: {user}의 kubeconfig입니다. 토큰은 들어 있지 않습니다. kubectl 같은 클라이언트가 kubemint를 실행해 토큰을 받고, 만료되기 전에 다시 받습니다(지금 받으면 {when} 만료). 이 명령은 클러스터 관리자로서 요청하므로 파일을 이 컴퓨터에만 두세요.\n  kubectl --kubeconfig {path} auth whoami",
		},
		"user.created": {
			"{path} is user {user}, in no group. The certificate (request {request}, approved and signed) ends {when}; until then nobody can take it back.\nA name is not a right: the user may do nothing yet.\n  kubectl create rolebinding NAME --clusterrole=view --user={word}",
			"{path}: 사용자 {user}의 kubeconfig입니다. 그룹은 없습니다. 인증서(요청 {request}, 승인과 서명 완료)는 {when} 만료되며, 그 전에는 거둬들일 방법이 없습니다.\n이름이 있다고 권한이 생기지는 않습니다. 이 사용자는 아직 아무것도 할 수 없습니다.\n  kubectl create rolebinding NAME --clusterrole=view --user={word}",
		},
		"user.created.groups": {
			"{path} is user {user}, in the groups {groups}. The certificate (request {request}, approved and signed) ends {when}; until then nobody can take it back.\nA name is not a right: the user may do what is granted to the name or to a group, and nothing else.\n  kubectl create rolebinding NAME --clusterrole=view --user={word}",
			"{path}: 사용자 {user}의 kubeconfig입니다. 그룹은 {groups}입니다. 인증서(요청 {request}, 승인과 서명 완료)는 {when} 만료되며, 그 전에는 거둬들일 방법이 없습니다.\n이름이 있다고 권한이 생기지는 않습니다. 이름이나 그룹에 허용된 것만 할 수 있습니다.\n  kubectl create rolebinding NAME --clusterrole=view --user={word}",
		},
	}
}
