// Package quiet keeps the embedded kubectl from loading its message catalogues
// when the process starts.
//
// kubectl unpacks its translations at the first i18n.T, which runs in package
// initialisation and costs half of its start time. Go initialises packages in
// the order of their import paths as soon as their imports are ready, and this
// path sorts before "k8s.io/", so the init below runs after package i18n and
// before anything that asks it for a text. Nothing else belongs in here: any
// further import of k8s.io could move it behind that first call.
package quiet

import "k8s.io/kubectl/pkg/util/i18n"

func init() {
	// The error says that translations were loaded already. They would then
	// merely be there, which TestNoTranslationIsLoaded would show.
	_ = i18n.SetLoadTranslationsFunc(func() error { return nil })
}
