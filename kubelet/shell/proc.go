package shell

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// capabilityNames are the capabilities by their bits.
func capabilityNames() []string {
	return strings.Fields("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE")
}

const (
	usualCapabilities = 0xa80425fb // what container runtimes give
	allCapabilities   = 1<<41 - 1
)

// capabilities are what a container has by its spec, as bits. They are shown, and nothing here needs one.
func capabilities(u container.User) uint64 {
	if u.Privileged {
		return allCapabilities
	}
	bits, names := uint64(usualCapabilities), capabilityNames()
	change := func(list []string, set func(uint64)) {
		for _, c := range list {
			c = strings.TrimPrefix(strings.ToUpper(c), "CAP_")
			if c == "ALL" {
				set(allCapabilities)
			} else if at := slices.Index(names, c); at >= 0 {
				set(1 << at)
			}
		}
	}
	if slices.ContainsFunc(u.Add, func(c string) bool { return strings.EqualFold(c, "ALL") }) {
		change(u.Add, func(b uint64) { bits |= b })
		change(u.Drop, func(b uint64) { bits &^= b })
		return bits
	}
	change(u.Drop, func(b uint64) { bits &^= b })
	change(u.Add, func(b uint64) { bits |= b })
	return bits
}

// proc is the container's /proc: a few of the files that people look into, all made up here. Nothing of it
// comes from the computer's own.
func (p *process) proc(name string) (rootfs.Node, bool) {
	owner := rootfs.Owner{}
	file := func(text string) (rootfs.Node, bool) { return rootfs.Node{Mode: 0o444, Text: text, Owner: owner}, true }
	dir := func(names ...string) (rootfs.Node, bool) {
		return rootfs.Node{Mode: fs.ModeDir | 0o555, Names: names, Owner: owner}, true
	}
	link := func(to string) (rootfs.Node, bool) {
		return rootfs.Node{Mode: fs.ModeSymlink | 0o777, Link: to, Owner: owner}, true
	}
	parts := strings.Split(strings.TrimPrefix(strings.TrimPrefix(name, "/proc"), "/"), "/")
	all := p.Processes()
	general := p.procGeneral()
	switch {
	case parts[0] == "":
		names := []string{"self", "mounts"}
		for n := range general {
			names = append(names, n)
		}
		for _, q := range all {
			names = append(names, strconv.Itoa(q.PID))
		}
		return dir(names...)
	case parts[0] == "self" && len(parts) == 1:
		return link(strconv.Itoa(p.pid))
	case parts[0] == "mounts" && len(parts) == 1:
		return link("self/mounts")
	case len(parts) == 1:
		if text, ok := general[parts[0]]; ok {
			return file(text)
		}
	}
	pid, err := strconv.Atoi(parts[0])
	at := slices.IndexFunc(all, func(q tools.Process) bool { return q.PID == pid })
	if err != nil || at < 0 {
		return rootfs.Node{}, false
	}
	owner = rootfs.Owner{UID: p.job.User.UID, GID: p.job.User.GID}
	texts := p.procProcess(all[at])
	switch {
	case len(parts) == 1:
		names := []string{"cwd", "root", "exe"}
		for n := range texts {
			names = append(names, n)
		}
		return dir(names...)
	case len(parts) > 2:
		return rootfs.Node{}, false
	case parts[1] == "cwd" || parts[1] == "root":
		return link("/")
	case parts[1] == "exe":
		program, _, _ := strings.Cut(texts["comm"], "\n")
		return link("/bin/" + program)
	}
	if text, ok := texts[parts[1]]; ok {
		return file(text)
	}
	return rootfs.Node{}, false
}

// procGeneral are the files that belong to no process.
func (p *process) procGeneral() map[string]string {
	up := max(p.fs.Now().Sub(p.started), 0).Seconds()
	return map[string]string{
		"version": "Linux version " + tools.Kernel + " (kubemint) #1 SMP\n",
		"uptime":  fmt.Sprintf("%.2f %.2f\n", up, up),
		"loadavg": fmt.Sprintf("0.00 0.00 0.00 1/%d %d\n", len(p.Processes()), p.pid),
		"meminfo": fmt.Sprintf("MemTotal:       %8d kB\nMemFree:        %8d kB\nMemAvailable:   %8d kB\nBuffers:               0 kB\nCached:                0 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n", maxMemory>>10, maxMemory>>11, maxMemory>>11),
		"cpuinfo": "processor\t: 0\nvendor_id\t: kubemint\nmodel name\t: simulated\ncpu cores\t: 1\n\n", "filesystems": "nodev\ttmpfs\nnodev\tproc\nnodev\toverlay\n\text4\n",
		"stat": "cpu  0 0 0 0 0 0 0 0 0 0\n",
	}
}

// procProcess are the files of one process.
func (p *process) procProcess(q tools.Process) map[string]string {
	program, _, _ := strings.Cut(q.Command, " ")
	program = program[strings.LastIndexByte(program, '/')+1:]
	u, held := p.job.User, p.job.Capabilities
	have := held
	if u.UID != 0 && !u.Privileged {
		have = 0 // who is not root has them in the bounding set alone
	}
	var groups []string
	for _, g := range u.Groups {
		groups = append(groups, strconv.FormatInt(g, 10))
	}
	ids := func(n int64) string { return fmt.Sprintf("%d\t%[1]d\t%[1]d\t%[1]d", n) }
	status := fmt.Sprintf("Name:\t%s\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t%d\nPid:\t%[2]d\nPPid:\t0\nUid:\t%s\nGid:\t%s\nGroups:\t%s \nThreads:\t1\nCapInh:\t%016x\nCapPrm:\t%016x\nCapEff:\t%016x\nCapBnd:\t%016x\nCapAmb:\t%016x\nNoNewPrivs:\t0\nSeccomp:\t0\n",
		program, q.PID, ids(u.UID), ids(u.GID), strings.Join(groups, " "), 0, have, have, held, 0)
	environ := ""
	if q.Environ != nil {
		environ = strings.Join(q.Environ, "\x00") + "\x00"
	}
	return map[string]string{
		"cmdline": strings.ReplaceAll(q.Command, " ", "\x00") + "\x00", "comm": program + "\n", "status": status, "environ": environ,
		"cgroup": "0::/\n", "mounts": tools.Mounts(p.fs), "limits": "", "stat": fmt.Sprintf("%d (%s) S 0 %[1]d %[1]d 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 0 0 0\n", q.PID, program),
	}
}
