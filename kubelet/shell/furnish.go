package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/kubemint/kubemint/kubelet/image"
)

// furnish gives the container the few files that every image has.
func (p *process) furnish() error {
	hosts := "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
	if p.job.Address != "" {
		hosts += p.job.Address + "\t" + p.job.Hostname + "\n"
	}
	search := p.job.Namespace + ".svc.cluster.local svc.cluster.local cluster.local"
	passwd, group := accountFiles(p.job.Family, p.job.Account)
	dirs := []string{"/tmp", "/var/tmp", "/root", "/bin", "/usr/bin", "/usr/local/bin", "/usr/share", "/var/log", "/run", "/home", "/opt", "/srv", "/mnt"}
	for dir := range p.job.Tree.Homes {
		dirs = append(dirs, dir)
	}
	for _, dir := range p.job.Has {
		if dir != "" {
			dirs = append(dirs, dir)
		}
	}
	err := p.fs.Furnish(map[string]string{
		"/etc/hostname": p.job.Hostname + "\n", "/etc/hosts": hosts, "/etc/passwd": passwd, "/etc/group": group,
		"/etc/resolv.conf": "search " + search + "\nnameserver 10.96.0.10\noptions ndots:5\n",
		"/etc/os-release":  "PRETTY_NAME=\"kubemint simulated container\"\nNAME=\"kubemint\"\nID=kubemint\n",
	}, dirs...)
	if p.job.Main {
		p.fs.Passable()
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return nil // a read-only root has what it has
	}
	return err
}

// accountFiles are /etc/passwd and /etc/group of an image, with the account that it runs as.
func accountFiles(f image.Family, own image.Account) (passwd, group string) {
	switch f {
	case image.Busybox:
		passwd = "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nbin:x:2:2:bin:/bin:/bin/false\nsys:x:3:3:sys:/dev:/bin/false\n" +
			"sync:x:4:100:sync:/bin:/bin/sync\nmail:x:8:8:mail:/var/spool/mail:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\n" +
			"operator:x:37:37:Operator:/var:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n"
		group = groups("root:0 daemon:1 bin:2 sys:3 adm:4 tty:5 disk:6 lp:7 mail:8 kmem:9 wheel:10:root cdrom:11 dialout:18 floppy:19 video:28 audio:29 tape:32 www-data:33 operator:37 utmp:43 plugdev:46 staff:50 lock:54 netdev:82 users:100 nobody:65534")
	case image.Alpine:
		passwd = "root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\nlp:x:4:7:lp:/var/spool/lpd:/sbin/nologin\n" +
			"sync:x:5:0:sync:/sbin:/bin/sync\nshutdown:x:6:0:shutdown:/sbin:/sbin/shutdown\nhalt:x:7:0:halt:/sbin:/sbin/halt\nmail:x:8:12:mail:/var/mail:/sbin/nologin\n" +
			"guest:x:405:100:guest:/dev/null:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n"
		group = groups("root:0:root bin:1:root,daemon daemon:2:root,bin sys:3:root,bin adm:4:root,daemon tty:5 disk:6:root lp:7 kmem:9 wheel:10:root floppy:11:root mail:12 dialout:20:root tape:26:root video:27:root netdev:28 shadow:42 www-data:82 users:100 nogroup:65533 nobody:65534")
	default:
		passwd = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nbin:x:2:2:bin:/bin:/usr/sbin/nologin\nsys:x:3:3:sys:/dev:/usr/sbin/nologin\n" +
			"sync:x:4:65534:sync:/bin:/bin/sync\nmail:x:8:8:mail:/var/mail:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n" +
			"backup:x:34:34:backup:/var/backups:/usr/sbin/nologin\n_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
		group = groups("root:0 daemon:1 bin:2 sys:3 adm:4 tty:5 disk:6 lp:7 mail:8 kmem:15 cdrom:24 floppy:25 tape:26 sudo:27 audio:29 www-data:33 backup:34 operator:37 shadow:42 utmp:43 video:44 plugdev:46 staff:50 games:60 users:100 nogroup:65534")
	}
	if own.Name != "" && !strings.HasPrefix(passwd, own.Name+":") && !strings.Contains(passwd, "\n"+own.Name+":") {
		passwd += fmt.Sprintf("%s:x:%d:%d::%s:/bin/sh\n", own.Name, own.UID, own.GID, own.Home)
	}
	if own.Group != "" && !strings.HasPrefix(group, own.Group+":") && !strings.Contains(group, "\n"+own.Group+":") {
		group += fmt.Sprintf("%s:x:%d:\n", own.Group, own.GID)
	}
	return passwd, group
}

// groups writes NAME:NUMBER[:MEMBERS] as lines of /etc/group.
func groups(list string) string {
	var b strings.Builder
	for entry := range strings.FieldsSeq(list) {
		name, rest, _ := strings.Cut(entry, ":")
		number, members, _ := strings.Cut(rest, ":")
		fmt.Fprintf(&b, "%s:x:%s:%s\n", name, number, members)
	}
	return b.String()
}
