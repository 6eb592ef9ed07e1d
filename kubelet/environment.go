package kubelet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/volume"
)

// environment is what the container's env and envFrom come to, and after them the variables by which a pod
// finds Services, which env may refer to. Of two of a name the container's wins, and of its own the later.
func (k *Kubelet) environment(ctx context.Context, p *pod, object *corev1.Pod, c *corev1.Container) ([]container.Variable, error) {
	var env []container.Variable
	services := map[string]bool{}
	set := func(name, value string) {
		delete(services, name)
		for i := range env {
			if env[i].Name == name {
				env[i].Value = value
				return
			}
		}
		env = append(env, container.Variable{Name: name, Value: value})
	}
	for _, v := range k.serviceEnv(ctx, object) {
		set(v.Name, v.Value)
		services[v.Name] = true
	}
	for i := range c.EnvFrom {
		data, err := k.envFrom(ctx, p.namespace, &c.EnvFrom[i])
		if err != nil {
			return nil, err
		}
		for _, name := range slices.Sorted(maps.Keys(data)) {
			set(c.EnvFrom[i].Prefix+name, data[name])
		}
	}
	for i := range c.Env {
		value, ok, err := k.envValue(ctx, p, object, c, &c.Env[i], env)
		if err != nil {
			return nil, err
		}
		if ok {
			set(c.Env[i].Name, value)
		}
	}
	slices.SortStableFunc(env, func(a, b container.Variable) int {
		switch {
		case services[a.Name] == services[b.Name]:
			return 0
		case services[a.Name]:
			return 1
		}
		return -1
	})
	return env, nil
}

func (k *Kubelet) envFrom(ctx context.Context, namespace string, f *corev1.EnvFromSource) (map[string]string, error) {
	switch {
	case f.ConfigMapRef != nil:
		cm, err := k.refs.configMap(ctx, namespace, f.ConfigMapRef.Name)
		if err != nil {
			return nil, unlessOptional(f.ConfigMapRef.Optional, err)
		}
		return cm.Data, nil
	case f.SecretRef != nil:
		secret, err := k.refs.secret(ctx, namespace, f.SecretRef.Name)
		if err != nil {
			return nil, unlessOptional(f.SecretRef.Optional, err)
		}
		data := make(map[string]string, len(secret.Data))
		for name, value := range secret.Data {
			data[name] = string(value)
		}
		return data, nil
	}
	return nil, nil
}

// envValue is one variable's value; ok is false for an optional one that has none.
func (k *Kubelet) envValue(ctx context.Context, p *pod, object *corev1.Pod, c *corev1.Container, v *corev1.EnvVar, env []container.Variable) (value string, ok bool, err error) {
	from := v.ValueFrom
	if from == nil {
		return expand(v.Value, env), true, nil
	}
	switch {
	case from.FieldRef != nil:
		value, err = volume.Field(object, from.FieldRef.FieldPath, k.facts(p))
		return value, true, err
	case from.ResourceFieldRef != nil:
		ref := *from.ResourceFieldRef
		if ref.ContainerName == "" {
			ref.ContainerName = c.Name
		}
		value, err = volume.Resource(object, &ref, k.facts(p))
		return value, true, err
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		cm, err := k.refs.configMap(ctx, p.namespace, ref.Name)
		if err != nil {
			return "", false, unlessOptional(ref.Optional, err)
		}
		if value, ok := cm.Data[ref.Key]; ok || yes(ref.Optional) {
			return value, ok, nil
		}
		return "", false, fmt.Errorf("couldn't find key %v in ConfigMap %v/%v", ref.Key, p.namespace, ref.Name)
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		secret, err := k.refs.secret(ctx, p.namespace, ref.Name)
		if err != nil {
			return "", false, unlessOptional(ref.Optional, err)
		}
		if value, ok := secret.Data[ref.Key]; ok || yes(ref.Optional) {
			return string(value), ok, nil
		}
		return "", false, fmt.Errorf("couldn't find key %v in Secret %v/%v", ref.Key, p.namespace, ref.Name)
	}
	return "", false, nil
}

func unlessOptional(optional *bool, err error) error {
	if yes(optional) && apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func yes(b *bool) bool { return b != nil && *b }

func expandAll(words []string, env []container.Variable) []string {
	if len(words) == 0 {
		return nil
	}
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = expand(w, env)
	}
	return out
}

// expand replaces $(NAME) by the variable's value. $$ is a dollar sign, and what names no variable
// stays as it is written.
func expand(s string, env []container.Variable) string {
	return expandWith(s, func(name string) (string, bool) {
		at := slices.IndexFunc(env, func(v container.Variable) bool { return v.Name == name })
		if at < 0 {
			return "", false
		}
		return env[at].Value, true
	})
}

func expandWith(s string, value func(name string) (string, bool)) string {
	if !strings.Contains(s, "$") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '$' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		switch s[i+1] {
		case '$':
			b.WriteByte('$')
			i++
			continue
		case '(':
			if end := strings.IndexByte(s[i:], ')'); end > 0 {
				if v, ok := value(s[i+2 : i+end]); ok {
					b.WriteString(v)
				} else {
					b.WriteString(s[i : i+end+1])
				}
				i += end
				continue
			}
		}
		b.WriteByte('$')
	}
	return b.String()
}
