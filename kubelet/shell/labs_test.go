package shell

import "testing"

// Lines that tutorials have their readers type, with what their pages show.
func TestLinesOfTutorials(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ image, script, out string }{
		{"nginx", `TOKEN=$(cat /var/run/secrets/token/token); echo ${#TOKEN}; echo "$TOKEN" | awk -F. '{print NF}'`, "27\n3\n"},
		{"nginx", "cut -d. -f2 /var/run/secrets/token/token | base64 -d 2>/dev/null | jq -c .", "{\"a\":1}\n"},
		{"nginx", `jq -rR 'split(".") | .[1] | @base64d | fromjson | .a' < /var/run/secrets/token/token`, "1\n"},
		{"nginx", `jq -R 'split(".") | .[0],.[1] | @base64d? // "no"' < /var/run/secrets/token/token | tail -1`, "\"{\\\"a\\\":1}\"\n"},
		{"nginx", `P=$(cut -d. -f2 /var/run/secrets/token/token | tr '_-' '/+'); while [ $((${#P} % 4)) -ne 0 ]; do P="$P="; done; echo $P | base64 -d; echo`, "{\"a\":1}\n"},
		{"nginx", "echo 'Hello shell demo' > /usr/share/nginx/html/index.html; cat /usr/share/nginx/html/index.html", "Hello shell demo\n"},
		{"nginx", "ls / | tr '\\n' ' '; ls -d /proc/1; cat /proc/1/mounts | cut -d' ' -f2 | head -3 | tr '\\n' ' '", "bin data etc home mnt opt root run srv tmp usr var /proc/1\n/ /proc /dev "},
		{"busybox:1.28", "touch /tmp/healthy; cat /tmp/healthy; echo $?; rm -f /tmp/healthy; cat /tmp/healthy 2>&1; echo $?", "0\ncat: can't open '/tmp/healthy': No such file or directory\n1\n"},
		{"busybox:1.28", "i=0; while [ $i -lt 3 ]; do echo \"$i: x\"; i=$((i+1)); done", "0: x\n1: x\n2: x\n"},
		{"busybox:1.28", "until nslookup app >/dev/null 2>&1 || [ -f /tmp/go ]; do echo waiting for myservice; touch /tmp/go; done", "waiting for myservice\n"},
		{"busybox:1.28", "for i in 1 2 3; do echo $i; done | sort -r | head -n 1; expr 3 + 4; test -w /etc && echo writable", "3\n7\nwritable\n"},
		{"busybox:1.28", "hostname -i 2>/dev/null; uname -o; id -u; umask; tty; which wget", "10.244.0.2\nLinux\n0\n0022\nnot a tty\n/bin/wget\n"},
		{"debian", "printenv GREETING; env | grep -c KUBERNETES; echo $GREETING | sed 's/hello/HELLO/' | tee /tmp/x; wc -c < /tmp/x", "hello\n1\nHELLO\n6\n"},
		{"debian", "echo 'a,b;c' | tr ',;' '\\n\\n' | nl; printf '%s\\n' one two | paste -sd, - 2>/dev/null || echo none", "     1\ta\n     2\tb\n     3\tc\none,two\n"},
		{"debian", "echo x > /tmp/f; ln -s f /tmp/l; ls -lL /tmp/l | cut -c1-24; ls -lL /tmp | cut -c1-24", "-rw-r--r-- 1 root root 2\ntotal 8\n-rw-r--r-- 1 root root 2\n-rw-r--r-- 1 root root 2\n"},
		{"gcr.io/google-samples/hello-app:2.0", "whoami; grep Cap.rm /proc/1/status", "root\nCapPrm:\t00000000a80425fb\n"},
		{"debian", "date +%Y; date -u +'%Y-%m-%dT%H:%M:%SZ'", "2026\n2026-11-23T08:30:00Z\n"},
	} {
		b := newBench(t)
		b.clock.Pause()
		b.of(tc.image)
		if out, errs, code := b.run(tc.script); out != tc.out {
			t.Errorf("%s: %s\nprinted %q (%q, code %d)\nwant    %q", tc.image, tc.script, out, errs, code, tc.out)
		}
		b.handle.Kill()
	}
}
