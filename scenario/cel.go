package scenario

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// lookups answer the functions that expressions may call. A nil one only
// compiles.
type lookups struct {
	pod     func(name string) (any, error)
	object  func(name string) (any, error)
	mounted func(name string) (any, error)
	vault   func(name string) (any, error)
}

// environment declares what expressions know.
func environment(l lookups) (*cel.Env, error) {
	function := func(name string, lookup func(string) (any, error)) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_string", []*cel.Type{cel.StringType}, cel.DynType,
			cel.UnaryBinding(func(argument ref.Val) ref.Val {
				value, err := lookup(string(argument.(types.String)))
				if err != nil {
					return types.NewErrFromString(err.Error())
				}
				return types.DefaultTypeAdapter.NativeToValue(value)
			})))
	}
	return cel.NewEnv(
		cel.Variable("now", cel.TimestampType),
		cel.Variable("status", cel.IntType),
		cel.Variable("exit", cel.IntType),
		cel.Variable("out", cel.StringType),
		cel.Variable("saved", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("claims", cel.DynType),
		function("pod", l.pod),
		function("object", l.object),
		function("mounted", l.mounted),
		function("vault", l.vault),
		ext.Strings(),
	)
}

// compiles checks an expression without a cluster.
func compiles(source string, boolean bool) error {
	env, err := environment(lookups{})
	if err != nil {
		return err
	}
	_, err = compile(env, source, boolean)
	return err
}

func compile(env *cel.Env, source string, boolean bool) (cel.Program, error) {
	ast, issues := env.Compile(source)
	if err := issues.Err(); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("cel %q: %s", source, strings.TrimPrefix(first, "ERROR: <input>:"))
	}
	if boolean && !ast.OutputType().IsAssignableType(cel.BoolType) {
		return nil, fmt.Errorf("cel %q: the result must be true or false, not %s", source, ast.OutputType())
	}
	return env.Program(ast)
}

// values are what the variables hold at one moment.
type values struct {
	now    time.Time
	last   result
	saved  map[string]any
	claims map[string]any
}

// evaluate computes an expression.
func evaluate(env *cel.Env, source string, v values) (any, error) {
	program, err := compile(env, source, false)
	if err != nil {
		return nil, err
	}
	claims := v.claims
	if claims == nil {
		claims = map[string]any{}
	}
	out, _, err := program.Eval(map[string]any{
		"now": v.now, "status": v.last.status, "exit": v.last.exit, "out": v.last.out,
		"saved": v.saved, "claims": claims,
	})
	if err != nil {
		return nil, fmt.Errorf("cel %q: %w", source, err)
	}
	return out.Value(), nil
}
