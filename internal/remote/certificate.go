package remote

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"time"

	"github.com/kubemint/kubemint/internal/say"
)

const requestsPath = "/apis/certificates.k8s.io/v1/certificatesigningrequests"

// Certificate is a client certificate that the cluster signed.
type Certificate struct {
	Request          string // the name of the signing request
	Certificate, Key []byte // PEM
	NotAfter         time.Time
}

// certificate makes a client certificate for a user of these groups, and takes the
// signing request away again: it would only puzzle the next reader.
func (c *Client) certificate(ctx context.Context, name string, groups []string) (certificate, key []byte, err error) {
	made, err := c.Certificate(ctx, name, groups, 0)
	if err != nil {
		return nil, nil, err
	}
	if err := c.Do(ctx, http.MethodDelete, requestsPath+"/"+made.Request, nil, nil); err != nil {
		return nil, nil, err
	}
	return made.Certificate, made.Key, nil
}

// Certificate makes a client certificate the way an administrator does: a signing
// request through the API, approved, signed by the cluster. The key never leaves
// this process. life is how long it is to last; 0: as long as the signer likes.
func (c *Client) Certificate(ctx context.Context, name string, groups []string, life time.Duration) (*Certificate, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key for %s: %w", name, err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: name, Organization: groups},
	}, private)
	if err != nil {
		return nil, fmt.Errorf("making a signing request for %s: %w", name, err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("encoding the key of %s: %w", name, err)
	}
	spec := map[string]any{
		"signerName": "kubernetes.io/kube-apiserver-client",
		"usages":     []string{"client auth"},
		"request":    pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}),
	}
	if life != 0 {
		spec["expirationSeconds"] = int64(life / time.Second)
	}
	var made map[string]any
	err = c.Do(ctx, http.MethodPost, requestsPath, map[string]any{
		"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
		"metadata": map[string]any{"generateName": "user-"}, "spec": spec,
	}, &made)
	if err != nil {
		return nil, err
	}
	out := &Certificate{Key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})}
	if metadata, ok := made["metadata"].(map[string]any); ok {
		out.Request, _ = metadata["name"].(string)
	}
	if out.Certificate, err = c.approve(ctx, made); err != nil {
		return nil, err
	}
	block, _ := pem.Decode(out.Certificate)
	if block == nil {
		return nil, fmt.Errorf("signing request %s: the certificate is no PEM", out.Request)
	}
	signed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("signing request %s: %w", out.Request, err)
	}
	out.NotAfter = signed.NotAfter
	return out, nil
}

// approve approves a signing request and waits for its certificate. The signer
// answers within milliseconds of wall time.
func (c *Client) approve(ctx context.Context, request map[string]any) ([]byte, error) {
	metadata, _ := request["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	request["status"] = map[string]any{"conditions": []any{map[string]any{
		"type": "Approved", "status": "True", "reason": "KubemintUser", "message": "approved by kubemint for its own user",
	}}}
	path := requestsPath + "/" + name
	if err := c.Do(ctx, http.MethodPut, path+"/approval", request, nil); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		answer, err := c.call(ctx, http.MethodGet, path, lookUp, nil)
		if err != nil {
			return nil, say.Failure("user.unsigned", say.Params{"request": name}, err)
		}
		var signed struct {
			Status struct {
				Certificate []byte `json:"certificate"`
			} `json:"status"`
		}
		if err := json.Unmarshal(answer.Body, &signed); err != nil {
			return nil, fmt.Errorf("reading signing request %s: %w", name, err)
		}
		if len(signed.Status.Certificate) > 0 {
			return signed.Status.Certificate, nil
		}
		select {
		case <-ctx.Done():
			return nil, say.Failure("user.unsigned", say.Params{"request": name}, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
