package say

import "errors"

// Error is a failure that has a sentence.
type Error struct {
	Message
	// Cause is what went wrong below, or nil. Its text is not part of the
	// sentence unless a parameter says it.
	Cause error
}

// Failure returns an error with the sentence of a code.
func Failure(code string, params Params, cause error) *Error {
	return &Error{Message: Message{Code: code, Params: params}, Cause: cause}
}

// Error returns the English sentence, for logs and tests.
func (e *Error) Error() string { return In(English).Message(e.Message) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Error returns the sentence of an error: its own if it is an [Error] or wraps
// one, else its text as it is, which is in the words of what failed.
func (s Speaker) Error(err error) string {
	var failure *Error
	if errors.As(err, &failure) {
		return s.Message(failure.Message)
	}
	return err.Error()
}
