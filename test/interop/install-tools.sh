#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the real servers and clients that the interop tests start, and prints the folders that hold them as a PATH.
# Compiled binaries stay in a cache folder outside the checkout, in one folder per version.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${COUNTERSIGN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/countersign}
cosign_version=v3.1.2
refreg_version=$(sed -n 's#^require github.com/google/go-containerregistry ##p' "$here/refreg/go.mod")

say() { printf 'interop tools: %s\n' "$*" >&2; }

need_debian() { # COMMAND PACKAGE
  if command -v "$1" >/dev/null; then return; fi
  say "installing $2 from Debian"
  if [ "$(id -u)" = 0 ]; then sudo=(); else sudo=(sudo); fi
  "${sudo[@]}" apt-get update -qq >&2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >&2
}

compile() { # FOLDER NAME COMMAND...: runs COMMAND with $out set, once per version
  local folder=$cache/$1 name=$2 work
  shift 2
  if [ -x "$folder/$name" ]; then return; fi
  say "compiling $name into $folder"
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/build.XXXXXX")
  out=$work CGO_ENABLED=0 "$@" >&2
  chmod 755 "$work"
  rm -rf "$folder"
  mv "$work" "$folder"
}

compile_cosign() {
  GOBIN=$out go install -trimpath -ldflags='-s -w' "github.com/sigstore/cosign/v3/cmd/cosign@$cosign_version"
}

compile_refreg() {
  (cd "$here/refreg" && go build -trimpath -ldflags='-s -w' -o "$out/refreg" .)
}

need_debian docker-registry docker-registry
need_debian go golang-go
compile "cosign-$cosign_version" cosign compile_cosign
compile "refreg-$refreg_version" refreg compile_refreg
printf '%s:%s\n' "$cache/cosign-$cosign_version" "$cache/refreg-$refreg_version"
