package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"syscall"
	"time"
)

// nc connects to a port, or listens on one, and copies the standard input there and what comes to the
// standard output, as the one of busybox does.
func nc(ctx context.Context, c *Call) int {
	args, program := ncProgram(c.Args)
	opts, rest, err := options(args, "lkp:w:zvnNuq:i:s:46", map[string]string{"listen": "l", "keep-open": "k", "zero": "z", "verbose": "v"})
	if err != nil {
		return c.usage(err)
	}
	set := flagsOf(opts)
	var own, wait int
	for _, o := range opts {
		switch o.name {
		case "p", "w":
			n, err := strconv.Atoi(o.value)
			if err != nil || n < 0 || n > 65535 {
				return c.fail("invalid number '%s'", o.value)
			}
			if o.name == "p" {
				own = n
			} else {
				wait = n
			}
		}
	}
	if set["u"] {
		return c.fail("UDP is not carried by the network of simulated pods")
	}
	if set["l"] {
		if own == 0 && len(rest) > 0 { // nc -l PORT, nc -l HOST PORT
			if own, err = strconv.Atoi(rest[len(rest)-1]); err != nil {
				return c.fail("bad port '%s'", rest[len(rest)-1])
			}
		}
		if own < 1 || own > 65535 {
			return c.fail("missing port: nc -l -p PORT")
		}
		return ncListen(ctx, c, uint16(own), program, set)
	}
	if len(rest) != 2 {
		return c.fail("usage: nc [-zv] [-w SECONDS] HOST PORT, nc -l [-k] -p PORT [-e PROGRAM]")
	}
	return ncConnect(ctx, c, rest[0], rest[1], wait, program, set)
}

// ncProgram cuts -e PROGRAM ARGS… off.
func ncProgram(args []string) (options, program []string) {
	for i, a := range args {
		if a == "-e" && i+1 < len(args) {
			return args[:i], args[i+1:]
		}
	}
	return args, nil
}

func ncConnect(ctx context.Context, c *Call, host, port string, wait int, program []string, set flags) int {
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return c.fail("bad port '%s'", port)
	}
	if wait > 0 { // wall time: it bounds the work of the network
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(wait)*time.Second)
		defer cancel()
	}
	_, found, err := c.Host.Resolve(ctx, host)
	if err != nil {
		return c.fail("bad address '%s'", host)
	}
	address := net.JoinHostPort(found[0], port)
	conn, err := c.Host.Dial(ctx, address)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return c.fail("timed out")
	case err != nil && !set["v"] && set["z"]:
		return 1
	case err != nil:
		return c.fail("%s (%s): %s", host, address, socketReason(err))
	}
	defer func() { _ = conn.Close() }()
	if set["v"] {
		fmt.Fprintf(c.Err, "%s (%s) open\n", host, address)
	}
	if set["z"] {
		return 0
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	return exchange(ctx, c, conn, program)
}

// socketReason words a failure of the network as the C library does.
func socketReason(err error) string {
	var no syscall.Errno
	if errors.As(err, &no) {
		return Reason(no)
	}
	return Reason(err)
}

func ncListen(ctx context.Context, c *Call, port uint16, program []string, set flags) int {
	l, err := c.Host.Listen(ctx, port)
	if err != nil {
		return c.fail("bind: %s", socketReason(err))
	}
	defer func() { _ = l.Close() }()
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	if set["v"] {
		fmt.Fprintf(c.Err, "listening on 0.0.0.0:%d ...\n", port)
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			return 1 // it was closed: the command is to end
		}
		if set["v"] {
			fmt.Fprintf(c.Err, "connect to 0.0.0.0:%d from %s\n", port, conn.RemoteAddr())
		}
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		code := exchange(ctx, c, conn, program)
		stop()
		_ = conn.Close()
		if !set["k"] || ctx.Err() != nil {
			return code
		}
	}
}

// exchange copies both ways until the peer sends no more, or has a program do both.
func exchange(ctx context.Context, c *Call, conn net.Conn, program []string) int {
	if len(program) > 0 {
		sub := *c
		sub.Args, sub.In, sub.Out, sub.Err = program, conn, conn, conn
		sub.Open = nil // what opens devices is bound to the streams
		return c.Run(ctx, &sub)
	}
	go func() { // it ends with the input or, when the job does, with that
		_, _ = io.Copy(conn, c.In) // the peer may have had enough
		if half, ok := conn.(HalfCloser); ok {
			_ = half.CloseWrite()
		}
	}()
	if _, err := io.Copy(c.Out, conn); err != nil {
		return 1
	}
	return 0
}
