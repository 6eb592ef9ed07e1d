package tools

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"strings"
	"time"
)

// openssl knows x509 with -in, -text, -noout, -subject, -issuer, -dates, -enddate and -serial.
func openssl(_ context.Context, c *Call) int {
	if len(c.Args) < 2 || c.Args[1] != "x509" {
		return c.fail("only x509 is simulated")
	}
	in := "-"
	f := flags{}
	args := c.Args[2:]
	for i := 0; i < len(args); i++ {
		switch a := args[i]; a {
		case "-in", "-inform":
			if i++; i >= len(args) {
				return c.fail("x509: Option %s needs a value", a)
			}
			if a == "-in" {
				in = args[i]
			}
		case "-text", "-noout", "-subject", "-issuer", "-dates", "-enddate", "-startdate", "-serial":
			f[a[1:]] = true
		default:
			return c.fail("x509: Unknown option: %s", a)
		}
	}
	r := c.In
	if in != "-" {
		file, err := c.open(in)
		if err != nil {
			return c.fail("Can't open %s for reading, %s", in, Reason(err))
		}
		defer func() { _ = file.Close() }()
		r = file
	}
	b, err := all(r)
	if err != nil {
		return c.fail("%s", Reason(err))
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return c.fail("Could not find certificate from %s", in)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return c.fail("Could not read certificate from %s", in)
	}
	const layout = "Jan _2 15:04:05 2006 GMT"
	if f["text"] {
		c.printCertificate(cert, layout)
	}
	if f["serial"] {
		fmt.Fprintf(c.Out, "serial=%X\n", cert.SerialNumber)
	}
	if f["subject"] {
		fmt.Fprintf(c.Out, "subject=%s\n", distinguished(cert.Subject.String()))
	}
	if f["issuer"] {
		fmt.Fprintf(c.Out, "issuer=%s\n", distinguished(cert.Issuer.String()))
	}
	if f["dates"] || f["startdate"] {
		fmt.Fprintf(c.Out, "notBefore=%s\n", cert.NotBefore.UTC().Format(layout))
	}
	if f["dates"] || f["enddate"] {
		fmt.Fprintf(c.Out, "notAfter=%s\n", cert.NotAfter.UTC().Format(layout))
	}
	if !f["noout"] {
		if err := pem.Encode(c.Out, block); err != nil {
			return 1
		}
	}
	return 0
}

// distinguished writes a name as openssl does: parts from the last to the first, blanks around "=".
func distinguished(name string) string {
	parts := strings.Split(name, ",")
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	for i := range parts {
		parts[i] = strings.Replace(parts[i], "=", " = ", 1)
	}
	return strings.Join(parts, ", ")
}

func (c *Call) printCertificate(cert *x509.Certificate, layout string) {
	gmt := func(t time.Time) string { return t.UTC().Format(layout) }
	fmt.Fprintf(c.Out, "Certificate:\n    Data:\n        Version: %d (0x%x)\n        Serial Number: %d (0x%x)\n", cert.Version, cert.Version-1, cert.SerialNumber, cert.SerialNumber)
	fmt.Fprintf(c.Out, "        Signature Algorithm: %s\n        Issuer: %s\n", cert.SignatureAlgorithm, distinguished(cert.Issuer.String()))
	fmt.Fprintf(c.Out, "        Validity\n            Not Before: %s\n            Not After : %s\n        Subject: %s\n", gmt(cert.NotBefore), gmt(cert.NotAfter), distinguished(cert.Subject.String()))
	switch key := cert.PublicKey.(type) {
	case *ecdsa.PublicKey:
		fmt.Fprintf(c.Out, "        Subject Public Key Info:\n            Public Key Algorithm: id-ecPublicKey\n                Public-Key: (%d bit)\n", key.Params().BitSize)
	case *rsa.PublicKey:
		fmt.Fprintf(c.Out, "        Subject Public Key Info:\n            Public Key Algorithm: rsaEncryption\n                Public-Key: (%d bit)\n", key.N.BitLen())
	}
	var names []string
	for _, n := range cert.DNSNames {
		names = append(names, "DNS:"+n)
	}
	for _, ip := range cert.IPAddresses {
		names = append(names, "IP Address:"+net.IP(ip).String())
	}
	fmt.Fprint(c.Out, "        X509v3 extensions:\n")
	if len(names) > 0 {
		fmt.Fprintf(c.Out, "            X509v3 Subject Alternative Name: \n                %s\n", strings.Join(names, ", "))
	}
	if cert.BasicConstraintsValid {
		fmt.Fprintf(c.Out, "            X509v3 Basic Constraints: critical\n                CA:%s\n", strings.ToUpper(fmt.Sprint(cert.IsCA)))
	}
}
