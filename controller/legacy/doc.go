// Package legacy looks after ServiceAccount tokens that live in Secrets: it fills the ones people ask for (ERA-21 to
// ERA-26), makes one for each account where the era did so (ERA-20), and cleans away those nobody has used for long
// (ERA-40 to ERA-43).
//
// A token Secret is one of type kubernetes.io/service-account-token whose annotation kubernetes.io/service-account.name
// names its account. Such tokens never expire; that they are still understood is why this package exists.
package legacy
