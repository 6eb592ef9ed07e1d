package say

// scenarioTexts are what a lesson's frame says; its own texts are in its file.
func scenarioTexts() texts {
	return texts{
		"resource.unknown": {
			"the server has no resource \"{resource}\"",
			"서버에 \"{resource}\" 리소스가 없습니다",
		},
		"demo.title": {
			"kubemint demo: {steps} steps, {minutes} minutes. Containers are simulated; the rest is real.",
			"kubemint demo: {steps}단계, 약 {minutes}분. 컨테이너만 흉내이고 나머지는 모두 진짜입니다.",
		},
		"demo.keys": {
			"Enter goes on, b goes back, q leaves.  Language: {lang} (--lang ko)",
			"Enter: 다음, b: 이전, q: 나가기.  언어: {lang} (--lang en)",
		},
		"demo.done": {
			"Done. Every step did what it said. Now your own cluster: kubemint up",
			"끝났습니다. 모든 단계가 설명대로 되었습니다. 이제 직접 시작해 보세요: kubemint up",
		},
		"demo.keep": {
			"Done. Enter keeps this cluster and opens a shell in it; q throws it away.",
			"끝났습니다. Enter를 누르면 이 클러스터에서 셸을 열고, q를 누르면 지웁니다.",
		},
		"shell.hello": {
			"kubectl and kubemint mean this cluster here; exit ends it.",
			"여기서 kubectl과 kubemint는 이 클러스터에 연결됩니다. exit를 입력하면 끝납니다.",
		},
		"scenario.title":   {"{title}   {steps} steps, {minutes} minutes", "{title}   {steps}단계, 약 {minutes}분"},
		"scenario.done":    {"Done.", "끝났습니다."},
		"scenario.minutes": {"{n} min", "{n}분"},
		"scenario.notes":   {"For the instructor: {notes}", "강사에게: {notes}"},
		"scenario.unknown": {
			"there is no scenario \"{name}\"; there are: {known}",
			"\"{name}\" 시나리오는 없습니다. 있는 것: {known}",
		},
		"scenario.step":    {"Step {n} of {of}", "{of}단계 중 {n}단계"},
		"scenario.guess":   {"What do you think: {answers}?", "어떻게 될까요: {answers}?"},
		"scenario.answers": {"Answer with one of: {answers} (q leaves)", "{answers} 가운데 하나로 답해 주세요 (q: 나가기)"},
		"scenario.answer":  {"Answer: {answer}", "답: {answer}"},
		"scenario.right":   {"Right.", "맞습니다."},
		"scenario.wrong":   {"No, it is: {answer}", "아닙니다. 답은 이것입니다: {answer}"},
		"scenario.practise": {
			"Your turn: type kubectl or kubemint commands. Enter checks, h gives a hint, s shows how, q leaves.",
			"직접 해 보세요. kubectl이나 kubemint 명령을 입력하면 됩니다. Enter: 확인, h: 힌트, s: 풀이, q: 나가기",
		},
		"scenario.no-hint":       {"There is no hint for this step; s shows how it is done.", "이 단계에는 힌트가 없습니다. s를 누르면 풀이를 보여 줍니다."},
		"scenario.not-a-command": {"Commands here begin with kubectl or kubemint.", "여기서는 kubectl이나 kubemint로 시작하는 명령만 쓸 수 있습니다."},
		"scenario.edited":        {"{file}: \"{from}\" becomes \"{to}\"", "{file}: \"{from}\"를 \"{to}\"로 바꿉니다"},
		"scenario.failed": {
			"{scenario}, step \"{step}\" did not do what it says: {why}",
			"{scenario}의 \"{step}\" 단계가 설명대로 되지 않았습니다: {why}",
		},
		"scenario.failed-end": {
			"{scenario}: at the end something no longer holds: {why}",
			"{scenario}: 마지막에 더 이상 맞지 않는 것이 있습니다: {why}",
		},
		"scenario.expected": {
			"\"{command}\" was to answer {want} and answered {got}",
			"\"{command}\"의 응답은 {want:이어야/여야} 하는데 {got}입니다",
		},
		"scenario.expected-exit": {
			"\"{command}\" was to end with {want} and ended with {got}: {out}",
			"\"{command}\"의 종료 코드는 {want:이어야/여야} 하는데 {got}입니다: {out}",
		},
		"scenario.expected-text": {
			"\"{command}\" was to say \"{want}\" and said: {out}",
			"\"{command}\"의 출력에 \"{want}\"가 있어야 하는데 이렇게 나왔습니다: {out}",
		},
		"scenario.status":       {"the answer is {got}, not {want}", "응답은 {want:이/가} 아니라 {got}입니다"},
		"scenario.no-object":    {"there is no {object} yet", "아직 {object:이/가} 없습니다"},
		"scenario.object-there": {"{object} is still there", "{object:이/가} 아직 있습니다"},
		"scenario.cel":          {"not true yet: {cel}", "아직 참이 아닙니다: {cel}"},
		"scenario.can":          {"may {who} {what}? The answer is {is}", "{who:은/는} {what:이/가} 가능한가? 답: {is}"},
	}
}
