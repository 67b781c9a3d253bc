#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the real servers and clients that the interop tests start, and prints the folders that hold them as a PATH.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source "$here/../support/install-tools.sh"
cosign_version=v3.1.2
timestamp_server_version=v2.1.3
fulcio_version=v1.8.8
rekor_version=v2.3.0
refreg_version=$(sed -n 's#^require github.com/google/go-containerregistry ##p' "$here/refreg/go.mod")

compile_refreg() {
  (cd "$here/refreg" && go build -trimpath -ldflags='-s -w' -o "$out/refreg" .)
}

# Its folder is called after the kind of storage, so the binary is as well.
compile_rekor() {
  go_install "github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix@$rekor_version"
  mv "$out/posix" "$out/rekor-server"
}

need_debian docker-registry docker-registry
need_debian go golang-go
compile "cosign-$cosign_version" cosign go_install "github.com/sigstore/cosign/v3/cmd/cosign@$cosign_version"
compile "refreg-$refreg_version" refreg compile_refreg
# The services of a Sigstore: after cosign, with which they share most of what is compiled.
compile "timestamp-server-$timestamp_server_version" timestamp-server \
  go_install "github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server@$timestamp_server_version"
compile "fulcio-$fulcio_version" fulcio go_install "github.com/sigstore/fulcio@$fulcio_version"
compile "rekor-server-$rekor_version" rekor-server compile_rekor

folders=(
  "cosign-$cosign_version" "refreg-$refreg_version" "timestamp-server-$timestamp_server_version"
  "fulcio-$fulcio_version" "rekor-server-$rekor_version"
)
paths=$(printf ':%s' "${folders[@]/#/$cache/}")
printf '%s\n' "${paths#:}"
