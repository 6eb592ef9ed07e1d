package say

// keyTexts are about the keys that sign tokens.
func keyTexts() texts {
	return texts{
		"help.keys":        {"the keys that sign ServiceAccount tokens", "서비스어카운트 토큰에 서명하는 키를 다룹니다"},
		"help.keys.list":   {"which there are, and until when each is needed", "어떤 키가 있고 언제까지 필요한지 보여 줍니다"},
		"help.keys.rotate": {"let a new key sign; the old one goes on verifying", "새 키로 서명합니다. 예전 키는 검증에 계속 쓰입니다"},
		"help.keys.retire": {"take a key away, and every token it signed with it", "키를 폐기합니다. 그 키로 서명한 토큰도 모두 거부됩니다"},
		"flag.key-algorithm": {
			"`ALGORITHM` of the new key: ES256 or RS256 (that of the old one)",
			"새 키의 `알고리즘`: ES256 또는 RS256 (예전 키와 같음)",
		},
		"flag.retire-old": {"take the old key away at once: the drill after a leak", "예전 키를 바로 폐기합니다. 키가 유출되었을 때의 연습입니다"},

		"keys.column.key":     {"KEY", "KEY"},
		"keys.column.alg":     {"ALG", "ALG"},
		"keys.column.state":   {"STATE", "STATE"},
		"keys.column.until":   {"LAST TOKEN ENDS", "LAST TOKEN ENDS"},
		"keys.state.signs":    {"signs", "서명"},
		"keys.state.verifies": {"verifies", "검증"},
		"keys.state.fixed":    {"verifies (given by a flag)", "검증(플래그로 지정)"},
		"keys.endless":        {"never", "없음"},
		"keys.unused":         {"it signed none", "서명한 토큰 없음"},
		"keys.rotated": {
			"Key {new} ({alg}) signs from now on. Whoever verifies tokens by themselves fetches the list of keys again within an hour.",
			"이제부터 키 {new}({alg})로 서명합니다. 토큰을 직접 검증하는 쪽은 한 시간 안에 키 목록을 다시 받아 갑니다.",
		},
		"keys.overlap": {
			"Key {kid} goes on verifying. The last token it signed ends: {until}. After that: kubemint keys retire {argument}",
			"키 {kid:은/는} 검증에 계속 쓰입니다. 이 키로 서명한 마지막 토큰의 만료: {until}. 그 뒤에는 kubemint keys retire {argument}",
		},
		"keys.overlap.none": {
			"Key {kid} goes on verifying, though no token it signed is known ({until}): kubemint keys retire {argument}",
			"키 {kid:은/는} 검증에 계속 쓰이지만, 이 키로 서명한 토큰은 알려진 것이 없습니다({until}). kubemint keys retire {argument}",
		},
		"keys.retired": {
			"Key {kid} is gone: every token it signed is refused from the next request on. A pod's file holds a dead token until its kubelet renews it (kubemint clock next refresh) or the pod is made again; tokens made by hand stay dead.",
			"키 {kid:을/를} 폐기했습니다. 이 키로 서명한 토큰은 다음 요청부터 모두 거부됩니다. 파드의 파일에는 kubelet이 갱신하거나(kubemint clock next refresh) 파드를 다시 만들 때까지 쓸 수 없는 토큰이 남고, 손으로 만든 토큰은 되살아나지 않습니다.",
		},
	}
}
