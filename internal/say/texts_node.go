package say

// nodeTexts are about the nodes that kubemint simulates.
func nodeTexts() texts {
	return texts{
		"help.node":        {"the simulated nodes: add and remove them, cut them off, put their clocks wrong", "시뮬레이션 노드를 추가·제거하고, 연결을 끊고, 시계를 어긋나게 합니다"},
		"help.node.list":   {"which there are and how they are", "어떤 노드가 있고 상태가 어떤지 보여 줍니다"},
		"help.node.add":    {"let a new node join", "새 노드를 클러스터에 참여시킵니다"},
		"help.node.remove": {"take a node away, with its directory", "노드를 디렉터리와 함께 없앱니다"},
		"help.node.drain":  {"cordon a node and evict its pods, as kubectl drain does", "kubectl drain처럼 노드를 cordon하고 파드를 축출합니다"},
		"help.node.cut":    {"cut a node's kubelet off the API server", "노드의 kubelet이 API 서버에 닿지 못하게 연결을 끊습니다"},
		"help.node.heal":   {"mend the connection that was cut", "끊은 연결을 다시 잇습니다"},
		"help.node.skew":   {"put a node's clock ahead or behind; 0: right again", "노드의 시계를 앞당기거나 늦춥니다. 0이면 다시 맞춥니다"},

		"node.unknown": {
			"there is no node {node}; kubemint node list shows which there are",
			"{node} 노드는 없습니다. kubemint node list로 어떤 노드가 있는지 볼 수 있습니다",
		},
		"node.foreign": {
			"node {node} is not simulated by this cluster: it is only an object here",
			"{node} 노드는 이 클러스터가 시뮬레이션하는 노드가 아니라, 오브젝트로만 있습니다",
		},
		"node.exists": {"there is a node {node} already", "{node} 노드가 이미 있습니다"},
		"node.early":  {"the cluster is still starting", "클러스터가 아직 시작하는 중입니다"},
		"node.name": {
			"a node cannot be named \"{node}\": at most 63 lower-case letters, digits, - and ., beginning and ending with a letter or digit",
			"노드 이름으로 쓸 수 없습니다: \"{node}\" (소문자, 숫자, -, .만 63자까지, 처음과 끝은 글자나 숫자)",
		},
		"node.cut.already": {"node {node} is cut off already", "{node} 노드의 연결은 이미 끊겨 있습니다"},
		"node.heal.whole":  {"node {node} is not cut off", "{node} 노드의 연결은 끊겨 있지 않습니다"},
		"node.skew.far":    {"a node's clock can be off by at most a hundred years", "노드의 시계는 100년 넘게 어긋나게 할 수 없습니다"},

		"node.column.name":       {"NAME", "NAME"},
		"node.column.status":     {"STATUS", "STATUS"},
		"node.column.pods":       {"PODS", "PODS"},
		"node.column.connection": {"CONNECTION", "CONNECTION"},
		"node.column.clock":      {"CLOCK", "CLOCK"},
		"node.column.address":    {"ADDRESS", "ADDRESS"},
		"node.connection.whole":  {"whole", "정상"},
		"node.connection.cut":    {"cut", "끊김"},
		"node.connection.cut.since": {
			"cut, last heard {ago} ago",
			"끊김, 마지막 신호 {ago} 전",
		},
		"node.clock.right": {"right", "맞음"},
		"node.none":        {"There is no node: kubemint node add", "노드가 없습니다: kubemint node add"},

		"node.added":   {"Node {node} has joined.", "{node} 노드가 클러스터에 참여했습니다."},
		"node.removed": {"Node {node} is gone, and its directory with it.", "{node} 노드를 디렉터리와 함께 없앴습니다."},
		"node.removed.pods": {
			"{n} {n:pod|pods} ran there. A pod whose node is gone is collected 40 seconds later; whatever made it makes another one: kubemint clock advance 41s",
			"파드 {n}개가 그 노드에서 실행되고 있었습니다. 노드가 없어진 파드는 40초 뒤에 정리되고, 그 파드를 만든 컨트롤러가 새 파드를 만듭니다: kubemint clock advance 41s",
		},
		"node.cut": {
			"The kubelet of node {node} cannot reach the API server any more. Its pods run on and reach the server as before, but their tokens are not renewed and nothing is heard of them.",
			"{node} 노드의 kubelet이 이제 API 서버에 닿지 못합니다. 그 노드의 파드는 계속 실행되고 서버에도 그대로 닿지만, 토큰이 갱신되지 않고 아무 소식도 전해지지 않습니다.",
		},
		"node.cut.then": {
			"In less than a minute the node counts as lost, and five minutes after that its pods are evicted.",
			"1분이 지나기 전에 노드를 잃은 것으로 보고, 그로부터 5분 뒤에 파드를 축출합니다.",
		},
		"node.cut.next": {
			"To see it: kubemint clock advance 7m. To mend it: kubemint node heal {node}",
			"지켜보려면: kubemint clock advance 7m. 다시 이으려면: kubemint node heal {node}",
		},
		"node.healed": {"Node {node} reaches the API server again.", "{node} 노드가 다시 API 서버에 닿습니다."},
		"node.skew.ahead": {
			"The clock of node {node} is now {skew} ahead of the cluster's: it renews tokens that much earlier.",
			"{node} 노드의 시계가 이제 클러스터보다 {skew} 빠릅니다. 토큰을 그만큼 일찍 갱신합니다.",
		},
		"node.skew.behind": {
			"The clock of node {node} is now {skew} behind the cluster's: it renews tokens that much later, which may be too late.",
			"{node} 노드의 시계가 이제 클러스터보다 {skew} 늦습니다. 토큰을 그만큼 늦게 갱신하므로 만료된 뒤일 수도 있습니다.",
		},
		"node.skew.right": {"The clock of node {node} is right again.", "{node} 노드의 시계가 다시 맞습니다."},
	}
}
