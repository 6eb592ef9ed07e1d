package say

// clientTexts tell of the ways in which programs hold a token.
func clientTexts() texts {
	return texts{
		"clients.read-once":   {"reads the token once, at the start", "시작할 때 토큰을 한 번만 읽습니다"},
		"clients.reread":      {"reads the file again each minute", "1분마다 파일을 다시 읽습니다"},
		"clients.on-401":      {"keeps the token and reads again when it gets a 401", "토큰을 들고 있다가 401을 받으면 다시 읽습니다"},
		"clients.subpath":     {"reads again each minute, but from a file mounted by subPath", "1분마다 다시 읽지만, subPath로 마운트한 파일에서 읽습니다"},
		"clients.environment": {"was given the token in an environment variable", "환경 변수로 토큰을 넘겨받았습니다"},
		"clients.how": {
			"Each calls the API every minute with a token of ten minutes. Which will fail?\n" +
				"  kubemint clients --all | kubemint kubectl apply -f -\n" +
				"  kubemint clock advance 15m\n" +
				"  kubemint kubectl logs client-subpath",
			"모두 10분짜리 토큰으로 1분마다 API를 호출합니다. 어느 것이 실패할까요?\n" +
				"  kubemint clients --all | kubemint kubectl apply -f -\n" +
				"  kubemint clock advance 15m\n" +
				"  kubemint kubectl logs client-subpath",
		},
		"clients.unknown": {"no client is called {name}; there are {known}", "{name:이라는/라는} 클라이언트는 없습니다. 있는 것: {known}"},
		"help.clients":    {"pods that hold their token in the ways programs do", "프로그램이 토큰을 다루는 여러 방식을 보여 주는 파드 매니페스트"},
		"flag.all":        {"print all of them", "모두 출력합니다"},
	}
}
