package podctl

import "strings"

// kind is how a flag takes its value.
type kind int

const (
	value    kind = iota + 1 // --name value, --name=value
	toggle                   // --name, --name=true
	optional                 // --name, --name=value
	file                     // --filename: read by the caller
	output                   // --output: a value, and none that has kubectl read a template from a file
)

// flagSet is flags by long name; "name/n" has a short form.
type flagSet map[string]kind

// common are the flags of every verb.
var common = flags(flagSet{
	"namespace/n": value, "token": value, "as": value, "as-group": value, "as-uid": value, "request-timeout": value,
	"server/s": value, "tls-server-name": value, "insecure-skip-tls-verify": toggle, "match-server-version": toggle,
	"disable-compression": toggle, "warnings-as-errors": toggle, "v/v": value, "help/h": toggle,
})

// printing are those that say how objects are shown.
var printing = flagSet{"output/o": output, "template": value, "allow-missing-template-keys": toggle, "show-managed-fields": toggle}

// changing are those of verbs that write.
var changing = flagSet{"dry-run": optional, "field-manager": value}

// verb is what may be said after it.
type verb struct {
	flags flagSet
	// below are its subcommands; what they may take comes on top.
	below map[string]flagSet
	// nested are words that stand between the verb and a subcommand's own: "create secret generic".
	nested map[string]map[string]flagSet
}

func flags(sets ...flagSet) flagSet {
	all := flagSet{}
	for _, s := range sets {
		for name, k := range s {
			all[name] = k
		}
	}
	return all
}

// verbs are all that may be asked for.
var verbs = map[string]verb{
	"get": {flags: flags(printing, flagSet{
		"all-namespaces/A": toggle, "chunk-size": value, "field-selector": value, "filename/f": file, "recursive/R": toggle, "ignore-not-found": toggle,
		"label-columns/L": value, "no-headers": toggle, "output-watch-events": toggle, "raw": value, "selector/l": value, "server-print": toggle,
		"show-kind": toggle, "show-labels": toggle, "sort-by": value, "subresource": value, "watch/w": toggle, "watch-only": toggle,
	})},
	"describe": {flags: flagSet{
		"all-namespaces/A": toggle, "chunk-size": value, "filename/f": file, "recursive/R": toggle, "selector/l": value, "show-events": toggle,
	}},
	"create": {
		flags: flags(printing, changing, flagSet{"filename/f": file, "recursive/R": toggle, "save-config": toggle, "selector/l": value, "validate": optional}),
		below: map[string]flagSet{
			"namespace": {}, "ns": {}, "serviceaccount": {}, "sa": {},
			"role":               {"verb": value, "resource": value, "resource-name": value},
			"clusterrole":        {"verb": value, "resource": value, "resource-name": value, "non-resource-url": value, "aggregation-rule": value},
			"rolebinding":        {"role": value, "clusterrole": value, "user": value, "group": value, "serviceaccount": value},
			"clusterrolebinding": {"clusterrole": value, "user": value, "group": value, "serviceaccount": value},
			"token":              {"audience": value, "duration": value, "bound-object-kind": value, "bound-object-name": value, "bound-object-uid": value},
			"configmap":          {"from-literal": value, "append-hash": toggle},
			"cm":                 {"from-literal": value, "append-hash": toggle},
			"deployment":         {"image": value, "port": value, "replicas/r": value},
			"deploy":             {"image": value, "port": value, "replicas/r": value},
			"job":                {"image": value, "from": value},
			"cronjob":            {"image": value, "schedule": value, "restart": value},
			"cj":                 {"image": value, "schedule": value, "restart": value},
			"quota":              {"hard": value, "scopes": value},
			"ingress":            {"annotation": value, "class": value, "default-backend": value, "rule": value},
			"priorityclass":      {"value": value, "description": value, "global-default": toggle, "preemption-policy": value},
			"poddisruptionbudget": {
				"min-available": value, "max-unavailable": value,
			},
		},
		nested: map[string]map[string]flagSet{
			"secret": {
				"generic": {"from-literal": value, "type": value, "append-hash": toggle},
				"docker-registry": {
					"docker-username": value, "docker-password": value, "docker-email": value, "docker-server": value, "append-hash": toggle,
				},
			},
			"service": services, "svc": services,
		},
	},
	"apply": {
		flags: flags(printing, changing, flagSet{
			"filename/f": file, "recursive/R": toggle, "selector/l": value, "all": toggle, "overwrite": toggle, "openapi-patch": toggle, "server-side": toggle,
			"force-conflicts": toggle, "prune": toggle, "prune-allowlist": value, "cascade": optional, "force": toggle, "grace-period": value,
			"timeout": value, "wait": toggle, "validate": optional, "subresource": value,
		}),
		below: map[string]flagSet{"view-last-applied": {}, "set-last-applied": {"create-annotation": toggle}},
	},
	"delete": {flags: flagSet{
		"filename/f": file, "recursive/R": toggle, "selector/l": value, "all": toggle, "all-namespaces/A": toggle, "cascade": optional, "dry-run": optional,
		"field-selector": value, "force": toggle, "grace-period": value, "ignore-not-found": toggle, "now": toggle,
		"output/o": output, "timeout": value, "wait": toggle,
	}},
	"label": {flags: flags(printing, changing, flagSet{
		"filename/f": file, "recursive/R": toggle, "selector/l": value, "all": toggle, "all-namespaces/A": toggle, "field-selector": value, "list": toggle,
		"local": toggle, "overwrite": toggle, "resource-version": value,
	})},
	"auth": {below: map[string]flagSet{
		"can-i":  {"all-namespaces/A": toggle, "list": toggle, "no-headers": toggle, "quiet/q": toggle, "subresource": value},
		"whoami": printing,
		"reconcile": flags(printing, changing, flagSet{
			"filename/f": file, "recursive/R": toggle, "remove-extra-permissions": toggle, "remove-extra-subjects": toggle,
		}),
	}},
	"logs": {flags: flagSet{
		"all-containers": toggle, "all-pods": toggle, "container/c": value, "follow/f": toggle, "ignore-errors": toggle, "insecure-skip-tls-verify-backend": toggle,
		"limit-bytes": value, "max-log-requests": value, "pod-running-timeout": value, "prefix": toggle, "previous/p": toggle, "selector/l": value,
		"since": value, "since-time": value, "tail": value, "timestamps": toggle,
	}},
	"version": {flags: flagSet{"client": toggle, "output/o": output}},
	"help":    {},
}

var services = map[string]flagSet{
	"clusterip":    {"clusterip": value, "tcp": value},
	"nodeport":     {"node-port": value, "tcp": value},
	"loadbalancer": {"tcp": value},
	"externalname": {"external-name": value, "tcp": value},
}

// every is the flags of all verbs and subcommands, each set by itself.
var every = func() (out []flagSet) {
	for _, v := range verbs {
		out = append(out, v.flags)
		for _, s := range v.below {
			out = append(out, s)
		}
	}
	return out
}()

// find returns the long name and kind of a flag given by its long or its short name.
func (s flagSet) find(name string, short bool) (string, kind) {
	for key, k := range s {
		long, letter, _ := strings.Cut(key, "/")
		if short && letter == name || !short && long == name {
			return long, k
		}
	}
	return "", 0
}
