# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts that install what the interop and e2e tests start. Debian packages go where Debian puts
# them; compiled binaries into a cache folder outside the checkout, one folder per version.

cache=${COUNTERSIGN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/countersign}

say() { printf 'tools: %s\n' "$*" >&2; }

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
  if [ -e "$folder/$name" ]; then return; fi
  say "compiling $name into $folder"
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/build.XXXXXX")
  out=$work CGO_ENABLED=0 "$@" >&2
  chmod 755 "$work"
  rm -rf "$folder"
  mv "$work" "$folder"
}

go_install() { # PACKAGE@VERSION
  GOBIN=$out go install -trimpath -ldflags='-s -w' "$1"
}
