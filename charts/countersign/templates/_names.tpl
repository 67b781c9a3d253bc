{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{/* The name of everything in the release. */}}
{{- define "countersign.name" -}}
{{- if contains "countersign" .Release.Name -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-countersign" (.Release.Name | trunc 41 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "countersign.selector" -}}
app.kubernetes.io/name: countersign
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "countersign.labels" -}}
{{ include "countersign.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* What our Pods run, letter for letter: with a digest the digest alone, which our own matchCondition compares. */}}
{{- define "countersign.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The Secret with tls.crt and tls.key. */}}
{{- define "countersign.tlsSecret" -}}
{{- if eq .Values.certificate.mode "files" -}}
{{- .Values.certificate.existingSecret -}}
{{- else -}}
{{- printf "%s-tls" (include "countersign.name" .) -}}
{{- end -}}
{{- end -}}
