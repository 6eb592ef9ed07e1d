package request

import "context"

type key int

const (
	userKey key = iota
	infoKey
	auditKey
	warnKey
)

// WithUser returns a context that carries u.
func WithUser(ctx context.Context, u *User) context.Context {
	return context.WithValue(ctx, userKey, u)
}

// UserFrom returns the user of a context, or nil.
func UserFrom(ctx context.Context) *User {
	u, _ := ctx.Value(userKey).(*User)
	return u
}

// WithInfo returns a context that carries i.
func WithInfo(ctx context.Context, i *Info) context.Context {
	return context.WithValue(ctx, infoKey, i)
}

// InfoFrom returns the Info of a context, or nil.
func InfoFrom(ctx context.Context) *Info {
	i, _ := ctx.Value(infoKey).(*Info)
	return i
}

// WithAuditID returns a context that carries the request's Audit-Id.
func WithAuditID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, auditKey, id)
}

// AuditIDFrom returns the Audit-Id of a context, or "".
func AuditIDFrom(ctx context.Context) string {
	s, _ := ctx.Value(auditKey).(string)
	return s
}
