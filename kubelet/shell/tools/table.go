package tools

// table is every tool by its names.
func table() map[string]Tool {
	return map[string]Tool{
		"cat": cat, "head": head, "tail": tail, "wc": wc, "cut": cut, "tr": tr, "sort": sortTool, "uniq": uniq, "tee": tee, "base64": base64Tool,
		"seq": seq, "yes": yes, "rev": rev, "grep": grep, "egrep": grep, "fgrep": grep, "sed": sed,
		"ls": ls, "stat": stat, "readlink": readlink, "realpath": readlink, "basename": basename, "dirname": basename, "find": find,
		"mkdir": mkdir, "rmdir": rmdir, "rm": rm, "touch": touch, "chmod": chmod, "chown": chown, "chgrp": chown, "groups": groupsTool, "mount": mount, "df": df, "du": du, "cp": cp, "mv": mv, "ln": ln, "tar": tarTool,
		"env": env, "printenv": printenv, "sleep": sleep, "date": date, "id": id, "whoami": whoami, "hostname": hostname, "uname": uname, "ps": ps, "kill": kill,
		"which": which, "true": silent, "false": falseTool, ":": silent, "sync": silent, "umask": umask, "ulimit": umask, "ping": ping, "clear": silent, "pwd": pwd, "echo": echo,
		"timeout": timeout, "xargs": xargs, "curl": curl, "wget": wget, "nslookup": nslookup, "nc": nc, "netcat": nc, "httpd": httpd, "python3": pythonServer, "python": pythonServer, "jq": jq, "openssl": openssl, "kubectl": kubectl, "vault": vaultTool, "awk": awkTool,
		"printf": printf, "test": condition, "[": condition, "expr": expr, "tac": tac, "paste": paste, "nl": nl, "more": cat, "less": cat, "mktemp": mktemp, "dd": dd, "od": od, "hexdump": od, "xxd": od,
		"diff": diff, "cmp": cmpTool, "host": host, "getent": host, "dig": dig, "top": top, "free": free, "uptime": uptime, "nproc": nproc, "tty": tty,
		"pgrep": pgrep, "pkill": pgrep, "pidof": pgrep, "killall": pgrep, "apt-get": aptGet, "apt": aptGet, "apk": apk, "perl": perl, "nginx": nginx,
		"sha512sum": digest, "md5sum": digest, "sha1sum": digest, "sha256sum": digest,
	}
}
