// Package selectable says by which fields objects can be chosen: the value each object has for them (Fields), and whether a field
// selector may name one (Convert), with the real refusals (API-111 to API-113).
package selectable
