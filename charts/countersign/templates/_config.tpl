{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{/* The trust roots that stand in the values, as the Config names them; empty where there are none. */}}
{{- define "countersign.trustRoots" -}}
{{- $roots := dict -}}
{{- range $name, $text := (.Values.trust).roots -}}
{{- $_ := set $roots $name (dict "file" (printf "/etc/countersign/trust/%s.json" $name)) -}}
{{- end -}}
{{- if $roots }}{{ dict "trustRoots" $roots | toYaml }}{{ end -}}
{{- end -}}

{{/* Says something where a trust root comes from a TUF repository, of which the last good one is kept on disk. */}}
{{- define "countersign.keepsTrust" -}}
{{- range $name, $root := .Values.config.trustRoots }}{{ if hasKey $root "tuf" }}yes{{ end }}{{ end -}}
{{- end -}}

{{/* The files of the Config folder, as YAML. Read at start only, so the Pods carry the checksum of it. */}}
{{- define "countersign.configFiles" -}}
config.yaml: {{ merge (dict "apiVersion" "countersign.dev/v1" "kind" "Config") (include "countersign.trustRoots" . | fromYaml) .Values.config | toYaml | toJson }}
{{- range $name, $text := .Values.configFiles }}
{{ $name | quote }}: {{ $text | toJson }}
{{- end }}
{{- with .Values.clientCa }}
client-ca.pem: {{ . | toJson }}
{{- end }}
{{- end -}}
