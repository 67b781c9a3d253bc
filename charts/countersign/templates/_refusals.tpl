{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{/* Values that a schema cannot refuse, each with what to do instead. */}}
{{- define "countersign.refusals" -}}
{{- $values := .Values -}}
{{- if not $values.image.repository -}}
{{- fail "image.repository: name the repository that you pushed the image to (docs/how-to/install.md builds it)" -}}
{{- end -}}
{{- if and (has .Release.Namespace $values.enforce.namespaces) (not $values.image.digest) -}}
{{- fail (printf "enforce.namespaces: %s is the namespace of this release: while no server answers, its own Pods could not start. Set image.digest, by which they are let through, or leave the namespace out" .Release.Namespace) -}}
{{- end -}}
{{- if has "kube-system" $values.enforce.namespaces -}}
{{- fail "enforce.namespaces: kube-system holds what the cluster needs to start, which must not wait for a server that needs the cluster. Leave it out; what it runs is reported" -}}
{{- end -}}
{{- range $values.enforce.namespaces -}}
{{- if has . $values.warn.namespaces -}}
{{- fail (printf "warn.namespaces: %s is in enforce.namespaces too: leave it in one of them" .) -}}
{{- end -}}
{{- end -}}
{{- if and $values.enforce.namespaces (not $values.policies) -}}
{{- fail "enforce.namespaces: without policies nothing is trusted, and every image would be denied. Give policies first" -}}
{{- end -}}
{{- range $name, $text := ($values.trust).roots -}}
{{- if hasKey ($values.config.trustRoots | default dict) $name -}}
{{- fail (printf "trust.roots: %s is in config.trustRoots too: leave it in one of them" $name) -}}
{{- end -}}
{{- end -}}
{{- if eq $values.certificate.mode "files" -}}
{{- if not (and $values.certificate.existingSecret $values.certificate.caBundle) -}}
{{- fail "certificate.mode: files needs certificate.existingSecret (tls.crt, tls.key) and certificate.caBundle (PEM of the CA)" -}}
{{- end -}}
{{- else if or $values.certificate.existingSecret $values.certificate.caBundle -}}
{{- fail (printf "certificate.existingSecret and certificate.caBundle are for certificate.mode: files, not %s" $values.certificate.mode) -}}
{{- end -}}
{{- end -}}
