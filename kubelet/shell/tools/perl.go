package tools

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// perl knows the two things that tutorials have it do: print the digits of pi, and print a text.
func perl(ctx context.Context, c *Call) int {
	program, newline, bpi := "", false, false
	args := c.Args[1:]
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case strings.HasPrefix(a, "-M"):
			bpi = bpi || strings.Contains(a, "bpi")
		case a == "-v":
			fmt.Fprintln(c.Out, "\nThis is perl 5, version 34, subversion 0 (v5.34.0) built for x86_64-linux-gnu")
			return 0
		case len(a) > 1 && a[0] == '-' && strings.HasSuffix(a, "e") && i+1 < len(args):
			newline = strings.Contains(a, "l")
			i++
			program = args[i]
		case a == "-de0":
			return 0
		}
	}
	end := ""
	if newline {
		end = "\n"
	}
	program = strings.TrimSuffix(strings.TrimSpace(program), ";")
	if m := regexp.MustCompile(`^print\s+bpi\s*\(\s*(\d+)\s*\)$`).FindStringSubmatch(program); m != nil && bpi {
		n, err := strconv.Atoi(m[1])
		if err != nil || n < 1 || n > maxDigits {
			return c.fail("of pi a simulated perl knows %d digits at most", maxDigits)
		}
		digits := pi(ctx, n)
		if ctx.Err() != nil {
			return 137
		}
		if _, err := io.WriteString(c.Out, digits+end); err != nil {
			return 1
		}
		return 0
	}
	if m := regexp.MustCompile(`^print\s*\(?\s*(?:"((?:[^"\\$@]|\\.)*)"|'([^'\\]*)')\s*\)?$`).FindStringSubmatch(program); m != nil {
		text := strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\"`, `"`, `\\`, `\`).Replace(m[1]) + m[2]
		if _, err := io.WriteString(c.Out, text+end); err != nil {
			return 1
		}
		return 0
	}
	return c.fail("of perl a simulated container has print \"TEXT\" and -Mbignum=bpi -wle 'print bpi(DIGITS)' alone")
}

const maxDigits = 20_000

// pi is so many digits of pi, rounded, by Machin's formula.
func pi(ctx context.Context, digits int) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)+10), nil)
	inverse := func(x int64) *big.Int { // arctan(1/x)
		term := new(big.Int).Div(scale, big.NewInt(x))
		sum, square := new(big.Int).Set(term), big.NewInt(x*x)
		for n := int64(3); term.Sign() != 0 && ctx.Err() == nil; n += 2 {
			term.Div(term, square)
			part := new(big.Int).Div(term, big.NewInt(n))
			if n%4 == 3 {
				part.Neg(part)
			}
			sum.Add(sum, part)
		}
		return sum
	}
	p := new(big.Int).Sub(new(big.Int).Mul(inverse(5), big.NewInt(16)), new(big.Int).Mul(inverse(239), big.NewInt(4)))
	guard := new(big.Int).Exp(big.NewInt(10), big.NewInt(11), nil)
	p.Add(p, new(big.Int).Rsh(guard, 1)).Div(p, guard)
	text := p.String()
	if digits == 1 {
		return text
	}
	return text[:1] + "." + text[1:]
}
