#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Kubernetes control plane and the clients that the e2e tests start, and prints the folders that hold
# them as a PATH.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source "$here/../support/install-tools.sh"
kubernetes_version=v1.36.3
kwok_version=v0.8.0
helm_version=v4.3.1

# Kubernetes cannot be had by `go install` because its own go.mod replaces its libraries by folders beside it: so a
# module is made here that replaces them by their published versions, and builds the commands by their import path.
write_kubernetes_module() {
  local of_kubernetes
  of_kubernetes=$(go mod download -json "k8s.io/kubernetes@$kubernetes_version" | sed -n 's/.*"GoMod": "\(.*\)",/\1/p')
  printf 'module countersign.invalid/kubernetes\n\n'
  sed -n -e '/^go [0-9]/p' -e '/^godebug [a-z]/p' -e '/^godebug (/,/^)/p' "$of_kubernetes"
  printf '\nrequire k8s.io/kubernetes %s\n\nreplace (\n' "$kubernetes_version"
  sed -n "s#^[[:space:]]*\(k8s.io/[a-z0-9-]*\) => ./staging/.*#\t\1 => \1 v0.${kubernetes_version#v1.}#p" "$of_kubernetes"
  printf ')\n'
}

compile_kubernetes() { # COMMAND...
  local module command version=k8s.io/component-base/version client=k8s.io/client-go/pkg/version
  module=$out/module
  mkdir "$module"
  write_kubernetes_module >"$module/go.mod"
  cd "$module"
  for command in "$@"; do
    GOFLAGS='-mod=mod -buildvcs=false' go build -trimpath -o "$out/$command" \
      -ldflags "-s -w -X $version.gitVersion=$kubernetes_version -X $version.gitMajor=1 -X $version.gitMinor=36 -X $client.gitVersion=$kubernetes_version" \
      "k8s.io/kubernetes/cmd/$command"
  done
  cd "$here"
  rm -r "$module"
}

# kwok knows no stage of a Pod's life by itself: those of its own module are joined.
compile_kwok() {
  local folder stage
  go_install "sigs.k8s.io/kwok/cmd/kwok@$kwok_version"
  folder=$(go mod download -json "sigs.k8s.io/kwok@$kwok_version" | sed -n 's/.*"Dir": "\(.*\)",/\1/p')/kustomize/stage
  for stage in node/fast/node-initialize node/heartbeat-with-lease/node-heartbeat-with-lease pod/fast/pod-{ready,complete,delete}; do
    cat "$folder/$stage.yaml"
    printf '\n---\n'
  done >"$out/stages.yaml"
}

need_debian go golang-go
need_debian etcd etcd-server
compile "kubernetes-$kubernetes_version" kube-apiserver compile_kubernetes kube-apiserver kube-controller-manager kubectl
compile "kwok-$kwok_version" stages.yaml compile_kwok
compile "helm-$helm_version" helm go_install "helm.sh/helm/v4/cmd/helm@$helm_version"
printf '%s:%s:%s\n' "$cache/kubernetes-$kubernetes_version" "$cache/kwok-$kwok_version" "$cache/helm-$helm_version"
