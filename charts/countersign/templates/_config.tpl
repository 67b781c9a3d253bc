{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{/* The files of the Config folder, as YAML. Read at start only, so the Pods carry the checksum of it. */}}
{{- define "countersign.configFiles" -}}
config.yaml: {{ merge (dict "apiVersion" "countersign.dev/v1" "kind" "Config") .Values.config | toYaml | toJson }}
{{- range $name, $text := .Values.configFiles }}
{{ $name | quote }}: {{ $text | toJson }}
{{- end }}
{{- with .Values.clientCa }}
client-ca.pem: {{ . | toJson }}
{{- end }}
{{- end -}}
