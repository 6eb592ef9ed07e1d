package program

import (
	"bufio"
	"fmt"
	"net"
	"path"
	"slices"
	"strings"
)

// need is the variables of which a database wants one, and what it says without.
type need struct {
	any  []string
	says string
}

func needs() map[string]need {
	return map[string]need{
		"mysqld": {
			[]string{"MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"},
			"[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD",
		},
		"mariadbd": {
			[]string{"MARIADB_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD_HASH", "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "MARIADB_RANDOM_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"},
			"[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD",
		},
		"postgres": {
			[]string{"POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "POSTGRES_HOST_AUTH_METHOD"},
			"Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.",
		},
	}
}

// store is a database or a queue: it listens, and a redis even answers a PING.
func store(p *process) {
	name := path.Base(p.cfg.Argv[0])
	if n, ok := needs()[name]; ok && !slices.ContainsFunc(n.any, func(v string) bool { return p.getenv(v) != "" }) {
		p.fail(1, "%s", n.says)
		return
	}
	serve, ports := hold, p.cfg.Image.Ports
	if name == "redis-server" {
		serve = ping
		if text, ok := p.option("port"); ok {
			ports = []uint16{portOf(text, 6379)}
		}
	}
	for _, port := range ports {
		if !p.listen(port, serve) {
			return
		}
	}
	if len(ports) > 0 && !p.resumed() {
		p.print("%s %s: ready to accept connections on port %d", p.now().Format("2006-01-02 15:04:05.000 MST"), name, ports[0])
	}
}

// ping knows the three commands that health checks send.
func ping(c net.Conn) {
	defer func() { _ = c.Close() }()
	in := bufio.NewScanner(c)
	for in.Scan() {
		word := strings.ToUpper(strings.TrimSpace(in.Text()))
		switch {
		case word == "PING":
			fmt.Fprint(c, "+PONG\r\n")
		case word == "QUIT":
			fmt.Fprint(c, "+OK\r\n")
			return
		case word == "" || word[0] == '*' || word[0] == '$': // how clients frame a command
		default:
			fmt.Fprint(c, "-ERR unknown command\r\n")
		}
	}
}
