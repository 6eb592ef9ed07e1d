package say

// upTexts are about starting and stopping a cluster.
func upTexts() texts {
	return texts{
		"up.where": {
			"API server  {server}\nkubeconfig  {kubeconfig}",
			"API 서버    {server}\nkubeconfig  {kubeconfig}",
		},
		"up.next": {
			"Next, in another terminal:\n  kubemint kubectl get nodes\nor with your own kubectl:\n  export KUBECONFIG='{kubeconfig}'",
			"이제 다른 터미널에서 입력해 보세요:\n  kubemint kubectl get nodes\n쓰던 kubectl로 접속하려면:\n  export KUBECONFIG='{kubeconfig}'",
		},
		"up.next-elsewhere": {
			"Next, in another terminal:\n  export KUBEMINT_DATA_DIR='{dir}'\n  kubemint kubectl get nodes\nor with your own kubectl:\n  export KUBECONFIG='{kubeconfig}'",
			"이제 다른 터미널에서 입력해 보세요:\n  export KUBEMINT_DATA_DIR='{dir}'\n  kubemint kubectl get nodes\n쓰던 kubectl로 접속하려면:\n  export KUBECONFIG='{kubeconfig}'",
		},
		"up.moved": {
			"{wanted} is in use by another program, so this cluster is at {server}.",
			"{wanted:은/는} 다른 프로그램이 쓰고 있어 {server}에서 시작했습니다.",
		},
		"up.more-requests": {
			"(and {n} more {n:request|requests} in this second)",
			"(1초 동안 요청 {n}건이 더 있었습니다)",
		},
		"up.behind": {
			"It goes on behind as process {pid}; its lines are in {log}. Stop it with: kubemint down",
			"백그라운드에서 계속 실행합니다(프로세스 {pid}). 출력은 {log}에 있습니다. 멈추려면: kubemint down",
		},
		"up.storage": {
			"--storage {storage}: there are bolt, memory and etcd",
			"--storage {storage}: bolt, memory, etcd만 쓸 수 있습니다",
		},
		"up.etcd-servers": {
			"--storage etcd needs to know where etcd is: --etcd-servers http://127.0.0.1:2379",
			"--storage etcd에는 etcd 주소가 필요합니다. 예: --etcd-servers http://127.0.0.1:2379",
		},
		"up.etcd-unused": {
			"--etcd-servers is for --storage etcd",
			"--etcd-servers는 --storage etcd와 함께 씁니다",
		},
		"up.start": {
			"--start {start} is not a time like 2026-11-23T08:30:00Z",
			"--start {start:은/는} 2026-11-23T08:30:00Z 같은 시각이 아닙니다",
		},
		"up.port-busy": {
			"{listen} is in use by another program; free it or name another port with --listen",
			"{listen:은/는} 다른 프로그램이 쓰고 있습니다. 그 프로그램을 끝내거나 --listen으로 다른 포트를 지정하세요",
		},
		"up.failed": {
			"the cluster did not start: {why}",
			"클러스터를 시작하지 못했습니다: {why}",
		},
		"datadir.unusable": {
			"cannot use the directory {dir}: {why}",
			"{dir} 디렉터리를 쓸 수 없습니다: {why}",
		},
		"datadir.in-use": {
			"{dir} is in use by a running kubemint (process {pid}); stop it with: kubemint down",
			"{dir:은/는} 실행 중인 kubemint(프로세스 {pid})가 쓰고 있습니다. 멈추려면: kubemint down",
		},
		"datadir.in-use-unknown": {
			"the database in {dir} is in use by another process; stop that first",
			"{dir}의 데이터베이스를 다른 프로세스가 쓰고 있습니다. 먼저 그 프로세스를 끝내세요",
		},
		"datadir.damaged": {
			"the database in {dir} is damaged and was left as it is ({why}); restore a copy, or start anew with: kubemint reset",
			"{dir}의 데이터베이스가 손상되어 건드리지 않았습니다({why}). 백업을 되돌리거나 kubemint reset으로 새로 시작하세요",
		},
		"down.not-running": {
			"no cluster runs in {dir}",
			"{dir}에서 실행 중인 클러스터가 없습니다",
		},
		"down.failed": {
			"cannot stop process {pid}: {why}",
			"프로세스 {pid:을/를} 멈출 수 없습니다: {why}",
		},
		"down.slow": {
			"process {pid} was asked to stop and still runs",
			"프로세스 {pid}에 종료를 요청했지만 아직 실행 중입니다",
		},
		"down.done": {"stopped", "멈췄습니다"},
		"status.ready": {
			"ready at {server}, process {pid}, {now} UTC in there\nkubeconfig {kubeconfig}",
			"{server}에서 실행 중입니다(프로세스 {pid}, 클러스터 시각 {now} UTC)\nkubeconfig {kubeconfig}",
		},
		"status.starting": {
			"process {pid} has {dir} but is not ready",
			"프로세스 {pid:이/가} {dir:을/를} 쓰고 있지만 아직 준비되지 않았습니다",
		},
		"status.stopped": {
			"no cluster runs in {dir}; start it with: kubemint up",
			"{dir}에서 실행 중인 클러스터가 없습니다. kubemint up으로 시작하세요",
		},
		"reset.nothing": {
			"there is nothing in {dir}",
			"{dir}에는 아무것도 없습니다",
		},
		"reset.question": {
			"Throw away the cluster in {dir}, with all its objects and keys? Type yes:",
			"{dir}의 클러스터를 오브젝트와 키까지 모두 지울까요? 지우려면 yes를 입력하세요:",
		},
		"reset.unconfirmed": {
			"nothing was thrown away; say --yes to do it",
			"아무것도 지우지 않았습니다. 지우려면 --yes를 붙이세요",
		},
		"reset.kept": {
			"the cluster in {dir} is gone; these files are not kubemint's and were kept: {others}",
			"{dir}의 클러스터를 지웠습니다. kubemint가 만들지 않은 파일은 남겼습니다: {others}",
		},
		"reset.done": {
			"the cluster in {dir} is gone",
			"{dir}의 클러스터를 지웠습니다",
		},
	}
}
