package awk

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

const people = "ann 30 red\nbob 25 blue\ncid 41 red\n"

// runs one program as the command line would.
func run(t *testing.T, ctx context.Context, program, in string, vars ...string) (out string, code int, err error) {
	t.Helper()
	var b, errs strings.Builder
	c := Config{Program: program, In: strings.NewReader(in), Out: &b, Err: &errs, Environ: []string{"HOME=/root"}, Open: func(string) (io.ReadCloser, error) { return nil, os.ErrNotExist }}
	for _, v := range vars {
		n, x, _ := strings.Cut(v, "=")
		c.Vars = append(c.Vars, [2]string{n, x})
	}
	code, err = Run(ctx, c)
	return b.String(), code, err
}

func TestPrograms(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		program, in, want string
		vars              []string
	}{
		{`{print $1}`, people, "ann\nbob\ncid\n", nil},
		{`{print $1, $NF}`, people, "ann red\nbob blue\ncid red\n", nil},
		{`{print $1 $2}`, people, "ann30\nbob25\ncid41\n", nil},
		{`NR==2`, people, "bob 25 blue\n", nil},
		{`NR>1 {print $2}`, people, "25\n41\n", nil},
		{`/red/{n++} END{print n}`, people, "2\n", nil},
		{`!/red/`, people, "bob 25 blue\n", nil},
		{`$3 == "red" && $2 > 35 {print $1}`, people, "cid\n", nil},
		{`$1 ~ /^b/ {print toupper($1)}`, people, "BOB\n", nil},
		{`$3 !~ "red"`, people, "bob 25 blue\n", nil},
		{`/ann/,/bob/{print NR}`, people, "1\n2\n", nil},
		{`{s+=$2} END{print s, s/NR}`, people, "96 32\n", nil},
		{`{c[$3]++} END{for (k in c) print k, c[k]}`, people, "blue 1\nred 2\n", nil},
		{`BEGIN{FS=":"} {print $2}`, "a:b\n", "b\n", nil},
		{`{print $2}`, "a:b\n", "b\n", []string{"FS=:"}},
		{`{print $2}`, "a::b\n", "b\n", []string{"FS=:+"}},
		{`{print $2}`, "a|b\n", "b\n", []string{"FS=|"}},
		{`{print $2}`, "a.b\n", "b\n", []string{"FS=."}},
		{`{print $2}`, "a\tb c\n", "b c\n", []string{`FS=\t`}},
		{`BEGIN{OFS="-"} {$1=$1; print}`, "a b c\n", "a-b-c\n", nil},
		{`{$2="x"; print; print NF}`, "a b c\n", "a x c\n3\n", nil},
		{`{$5="e"; print}`, "a b\n", "a b   e\n", nil},
		{`{NF=2; print}`, "a b c\n", "a b\n", nil},
		{`{print v, $1}`, "a\n", "7 a\n", []string{"v=7"}},
		{`BEGIN{printf "%5.2f|%-4s|%03d|%x|%c|%s%%\n", 3.14159, "ab", 7, 255, "hello", 1e6}`, "", " 3.14|ab  |007|ff|h|1000000%\n", nil},
		{`BEGIN{print 1/3, 100000 * 100000, 0.1+0.2, 1e30}`, "", "0.333333 10000000000 0.3 1e+30\n", nil},
		{`BEGIN{print length("héllo"), substr("hello",2,3), substr("hello",0,2), substr("hello",4), index("hello","l")}`, "", "5 ell h lo 3\n", nil},
		{`BEGIN{n=split("a,b,c",x,","); print n, x[1], x[3], length(x)}`, "", "3 a c 3\n", nil},
		{`{gsub(/o/,"[&]"); print}`, "foo boo\n", "f[o][o] b[o][o]\n", nil},
		{`{n=gsub(/x*/,"-"); print n, $0}`, "abc\n", "4 -a-b-c-\n", nil},
		{`{sub("a","\\&",$2); print}`, "a a\n", "a &\n", nil},
		{`BEGIN{if (match("token: abc", /[a-z]+$/)) print RSTART, RLENGTH}`, "", "8 3\n", nil},
		{`BEGIN{for (i=0;i<10;i++) { if (i==2) continue; if (i==5) break; printf "%d ", i }; print ""}`, "", "0 1 3 4 \n", nil},
		{`BEGIN{while (i<3) i++; do { i-- } while (i>1); print i}`, "", "1\n", nil},
		{`BEGIN{a["x"]=1; if ("x" in a) print "in"; delete a["x"]; if (!("x" in a)) print "out"}`, "", "in\nout\n", nil},
		{`BEGIN{a[1,2]=3; for (k in a) { split(k,p,SUBSEP); print p[1]+p[2] } if ((1,2) in a) print "yes"}`, "", "3\nyes\n", nil},
		{`BEGIN{x = 5; x += 2; x *= 3; x -= 1; x /= 4; x %= 3; x ^= 3; print x, x++, ++x, -x, 2^3^2}`, "", "8 8 10 -10 512\n", nil},
		{`BEGIN{print 1==1.0, "a"<"b", "10"<"9", 10<9, "abc"~"b"}`, "", "1 1 1 0 1\n", nil},
		{`{print ($1<$2)}`, "10 9\n", "0\n", nil},
		{`BEGIN{print (1>2) ? "yes" : "no", !0, !"", !"a"}`, "", "no 1 1 0\n", nil},
		{`BEGIN{print 1 " " 2, 3 -1, 2 * 3 "x"}`, "", "1 2 2 6x\n", nil},
		{`BEGIN{print "a" > "/dev/stdout"}`, "", "a\n", nil},
		{`BEGIN{print ENVIRON["HOME"], ARGC, sprintf("%02d",5) int(3.9)}`, "", "/root 1 053\n", nil},
		{`BEGIN{RS=""} {print NR": "$1"-"$NF}`, "a\nb\n\n\nc\nd\n", "1: a-b\n2: c-d\n", nil},
		{`BEGIN{RS=";"} {print}`, "a;b;c", "a\nb\nc\n", nil},
		{`{next; print "never"} END{print NR}`, "a\nb\n", "2\n", nil},
		{`{ if ($2>28) print "old"; else print "young" }`, people, "old\nyoung\nold\n", nil},
		{"BEGIN { # a comment\n  x = 1\n\n  if (x)\n    print \"one\"\n  else\n    print \"two\"\n}\n", "", "one\n", nil},
		{"BEGIN{print \"a\",\n\"b\"}", "", "a b\n", nil},
		{`BEGIN{print length()}`, "", "0\n", nil},
		{`{print length}`, "abc\n", "3\n", nil},
		{`{ print $(NF-1), $NF-1 }`, "3 5\n", "3 4\n", nil},
		{`{a[NR]=$1} END{for(i=NR;i>0;i--) print a[i]}`, people, "cid\nbob\nann\n", nil},
		{`$2 ~ /^[0-9]{2}$/ {print $1}`, people, "ann\nbob\ncid\n", nil},
	} {
		out, code, err := run(t, t.Context(), tc.program, tc.in, tc.vars...)
		if out != tc.want || code != 0 || err != nil {
			t.Errorf("%s\nprinted %q, code %d, %v; want %q", tc.program, out, code, err, tc.want)
		}
	}
}

func TestExitRunsTheEnd(t *testing.T) {
	t.Parallel()
	out, code, err := run(t, t.Context(), `{print; exit 3} END{print "end"}`, "a\nb\n")
	if out != "a\nend\n" || code != 3 || err != nil {
		t.Errorf("printed %q, code %d, %v", out, code, err)
	}
}

func TestWhatIsWrong(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		`{print $1`:                        "syntax error at or near eof",
		`BEGIN{print 1 +}`:                 "syntax error at or near }",
		`BEGIN{"ls" | getline}`:            "getline is not simulated",
		`BEGIN{print "x" | "sort"}`:        "pipes of awk are not simulated",
		`BEGIN{system("ls")}`:              "function system is not simulated",
		`function f(x) {return x}`:         "function is not simulated",
		`BEGIN{print 1/0}`:                 "division by zero",
		`BEGIN{print "a}`:                  "does not end",
		`BEGIN{print $(-1)}`:               "a field number is negative",
		`BEGIN{x="a"; while (1) x = x x}`:  "a string is too long",
		`BEGIN{while (1) a[i++]=1}`:        "the arrays hold too much",
		`BEGIN{$99999999="x"}`:             "too many fields",
		`BEGIN{printf "%*d", 1e9, 1; y=x[`: "syntax error",
		`BEGIN{print "x" ~ "("}`:           "missing closing )",
	} {
		if _, code, err := run(t, t.Context(), program, ""); err == nil || !strings.Contains(err.Error(), want) || code != 2 {
			t.Errorf("%s: code %d, %v; want %q", program, code, err, want)
		}
	}
}

func TestEndlessProgramEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(20*time.Millisecond, cancel)
	defer timer.Stop()
	if _, _, err := run(t, ctx, `BEGIN{while(1);}`, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

func FuzzRun(f *testing.F) {
	for _, s := range []string{`{print $1}`, `/a/,/b/{x[$1]++} END{for(k in x)print k}`, `BEGIN{printf "%*.*f",1,2,3}`, `{$3="x";NF=1;print}`, `((((`, `BEGIN{sub(/a/,"&&",$0)}`, `{split($0,a,"");print substr($0,-1,1e9)}`} {
		f.Add(s, "a b c\nb 1 2\n")
	}
	f.Fuzz(func(t *testing.T, program, in string) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		_, _, _ = run(t, ctx, program, in) // it neither panics nor goes on for ever
	})
}
