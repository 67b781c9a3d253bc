// SPDX-License-Identifier: Apache-2.0

// Command sigstore-go verifies keyless bundles with sigstore-go, as many as each line of its input says, and answers
// with the seconds that took.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

type signedImage struct {
	Digest string // hex, SHA-256
	Bundle []byte // base64 in JSON
}

func main() {
	folder, subject, issuer := os.Args[1], os.Args[2], os.Args[3]
	trustedRoot := must(root.NewTrustedRootFromPath(filepath.Join(folder, "trusted_root.json")))
	verifier := must(verify.NewVerifier(trustedRoot, verify.WithTransparencyLog(1),
		verify.WithSignedCertificateTimestamps(1), verify.WithObserverTimestamps(1)))
	identity := must(verify.NewShortCertificateIdentity(issuer, "", subject, ""))
	var images []signedImage
	check(json.Unmarshal(must(os.ReadFile(filepath.Join(folder, "images.json"))), &images))

	next := 0
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		var count int
		must(fmt.Sscan(input.Text(), &count))
		start := time.Now()
		for ; count > 0; count-- {
			verifyImage(verifier, identity, images[next%len(images)])
			next++
		}
		fmt.Println(time.Since(start).Seconds())
	}
}

func verifyImage(verifier *verify.Verifier, identity verify.CertificateIdentity, image signedImage) {
	var read bundle.Bundle
	check(read.UnmarshalJSON(image.Bundle))
	policy := verify.NewPolicy(verify.WithArtifactDigest("sha256", must(hex.DecodeString(image.Digest))),
		verify.WithCertificateIdentity(identity))
	must(verifier.Verify(&read, policy))
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
