package say

// vaultTexts are about the vault outside of the cluster. What it says itself is in English, as the real program's words are.
func vaultTexts() texts {
	return texts{
		"help.vault": {"a vault outside the cluster, for tokens that programs elsewhere use", "클러스터 밖의 프로그램이 쓸 토큰을 보관하는 vault입니다"},
		"vault.intro": {
			"A small vault outside the cluster, with the commands of HashiCorp's. Whoever holds the administrator's kubeconfig runs it and may do everything; with VAULT_TOKEN set, only what that token may. In a pod, \"vault login\" logs in with the mounted account.",
			"클러스터 밖에 있는 작은 vault로, 명령은 HashiCorp Vault와 같습니다. 관리자 kubeconfig가 있으면 vault의 운영자로서 무엇이든 할 수 있고, VAULT_TOKEN을 지정하면 그 토큰의 권한만 쓸 수 있습니다. 파드 안에서는 vault login이 마운트된 서비스어카운트 토큰으로 로그인합니다.",
		},
	}
}
