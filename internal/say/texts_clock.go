package say

// clockTexts tell what the cluster's clock does.
func clockTexts() texts {
	return texts{
		"clock.same": {
			"{now} UTC, {rate}x, as this computer's clock",
			"{now} UTC, {rate}배속, 이 컴퓨터의 시계와 같습니다",
		},
		"clock.ahead": {
			"{now} UTC, {rate}x, {offset} ahead of this computer",
			"{now} UTC, {rate}배속, 이 컴퓨터보다 {offset} 빠릅니다",
		},
		"clock.behind": {
			"{now} UTC, {rate}x, {offset} behind this computer",
			"{now} UTC, {rate}배속, 이 컴퓨터보다 {offset} 느립니다",
		},
		"clock.paused": {
			"It stands still. Go on with: kubemint clock resume",
			"시계가 멈춰 있습니다. kubemint clock resume으로 다시 움직입니다",
		},
		"clock.moved": {
			"{from} -> {to}   {passed} passed in {took} s",
			"{from} -> {to}   {took}초 동안 {passed}이 흘렀습니다",
		},
		"clock.leapt": {
			"{from} -> {to}   leapt over {passed}; what fell due meanwhile happens now",
			"{from} -> {to}   {passed:을/를} 건너뛰었습니다. 그사이 예정된 일은 지금 일어납니다",
		},
		"clock.more": {
			"  and {n} more (-v lists them)",
			"  그 밖에 {n}건 (-v로 모두 볼 수 있습니다)",
		},
		"clock.heartbeats": {
			"  and {n} {n:heartbeat|heartbeats} of the nodes",
			"  노드의 하트비트 {n}회",
		},
		"clock.pending": {
			"  not finished yet: {what}",
			"  아직 끝나지 않음: {what}",
		},
		"clock.refused": {
			"  {at}  {code}  pod {pod}",
			"  {at}  {code}  파드 {pod}",
		},
		"clock.refused.often": {
			"  {at}  {code}  pod {pod}, {n} times until {last}",
			"  {at}  {code}  파드 {pod}, {last}까지 {n}회",
		},
		"clock.refused.why": {
			"                 {why} (kubemint why {number})",
			"                 {why} (kubemint why {number})",
		},
		"clock.next": {
			"Next: {at}  {kind}  {what}  (in {in})",
			"다음: {at}  {kind}  {what}  ({in} 뒤)",
		},
		"clock.nothing-next": {
			"Next: nothing is due.",
			"다음: 예정된 일이 없습니다.",
		},
		"kind.refresh": {"refresh", "갱신"},
		"kind.expiry":  {"end", "만료"},
		"kind.job":     {"job", "작업"},
		"kind.grace":   {"grace", "종료 유예"},
		"kind.backoff": {"back-off", "재시도 대기"},
		"kind.other":   {"other", "기타"},
	}
}
