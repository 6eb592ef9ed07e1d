// Package certificates answers CertificateSigningRequests for the signers of kubernetes.io: it approves what kubelets
// ask for themselves, signs what is approved, and clears away old requests (CSR-4 to CSR-9). Requests for any other
// signer are somebody else's.
package certificates
