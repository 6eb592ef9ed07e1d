package schema

import (
	"errors"

	"sigs.k8s.io/yaml"
)

// maxDepth bounds how deep a body may nest. The deepest built-in kind needs about 40 levels; the
// recursive decoders behind us would follow ten thousand.
const maxDepth = 500

var errTooDeep = errors.New("exceeded max depth")

// checkDepth refuses a body that nests deeper than maxDepth before anything walks into it. YAML is
// measured by the JSON it becomes: the library bounds its own nesting and its aliases. Protobuf
// needs no check, messages of the served kinds are not recursive beyond their declarations.
func checkDepth(body []byte, format Format) error {
	switch format {
	case JSON:
		return checkJSONDepth(body)
	case YAML:
		converted, err := yaml.YAMLToJSON(body)
		if err != nil {
			return nil //nolint:nilerr // the decoder finds the same error and its words
		}
		return checkJSONDepth(converted)
	}
	return nil
}

// checkJSONDepth counts brackets outside of strings. It accepts text that is not JSON.
func checkJSONDepth(body []byte) error {
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			inString = !inString
		case '\\':
			if inString {
				i++
			}
		case '{', '[':
			if inString {
				continue
			}
			if depth++; depth > maxDepth {
				return errTooDeep
			}
		case '}', ']':
			if !inString && depth > 0 {
				depth--
			}
		}
	}
	return nil
}

// CheckDepth refuses a patch that is nested too deep to be worked on: JSON, or YAML for server-side apply.
func CheckDepth(body []byte, yaml bool) error {
	if yaml {
		return checkDepth(body, YAML)
	}
	return checkDepth(body, JSON)
}
