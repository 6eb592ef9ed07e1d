package say

// imageTexts are about the container images that simulated nodes know.
func imageTexts() texts {
	return texts{
		"help.images": {"the container images whose behaviour is simulated", "동작을 시뮬레이션하는 컨테이너 이미지를 봅니다"},
		"images.does": {"WITHOUT A COMMAND IT", "명령을 주지 않으면"},

		"image.does.serves":   {"serves a page", "웹 페이지를 내보냅니다"},
		"image.does.echoes":   {"answers with what it was asked", "받은 요청을 그대로 답합니다"},
		"image.does.shell":    {"runs a shell, which ends at once", "셸을 실행하고 바로 끝납니다"},
		"image.does.runs":     {"runs its program with your args", "args를 붙여 제 프로그램을 실행합니다"},
		"image.does.scrapes":  {"lists all pods with its token", "제 토큰으로 모든 파드를 조회합니다"},
		"image.does.deploys":  {"creates a Deployment with its token", "제 토큰으로 Deployment를 만듭니다"},
		"image.does.listens":  {"listens, and does little else", "포트를 열고 기다립니다"},
		"image.does.demands":  {"listens, if given a password", "비밀번호를 주면 포트를 열고 기다립니다"},
		"image.does.registry": {"is a registry without images", "이미지가 없는 레지스트리입니다"},
		"image.does.idles":    {"does nothing", "아무것도 하지 않습니다"},

		"images.other": {
			"Nothing is pulled. Every other image idles, and an event of its pod says so; a command is run in a simulated shell whatever the image. {missing} cannot be pulled, to see what that looks like.",
			"이미지를 실제로 받아오지는 않습니다. 다른 이미지는 아무것도 하지 않으며, 파드의 이벤트가 이를 알려 줍니다. 명령을 주면 이미지가 무엇이든 시뮬레이션 셸에서 실행합니다. {missing} 이미지는 받을 수 없어서, 그럴 때 어떻게 보이는지 볼 수 있습니다.",
		},
	}
}
