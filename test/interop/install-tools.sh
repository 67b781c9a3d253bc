#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the real servers and clients that the interop tests start, and prints the folders that hold them as a PATH.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source "$here/../support/install-tools.sh"
cosign_version=v3.1.2
refreg_version=$(sed -n 's#^require github.com/google/go-containerregistry ##p' "$here/refreg/go.mod")

compile_refreg() {
  (cd "$here/refreg" && go build -trimpath -ldflags='-s -w' -o "$out/refreg" .)
}

need_debian docker-registry docker-registry
need_debian go golang-go
compile "cosign-$cosign_version" cosign go_install "github.com/sigstore/cosign/v3/cmd/cosign@$cosign_version"
compile "refreg-$refreg_version" refreg compile_refreg
printf '%s:%s\n' "$cache/cosign-$cosign_version" "$cache/refreg-$refreg_version"
