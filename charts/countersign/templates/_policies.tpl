{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{/*
The files of the policy folder, as YAML. The text of a policy stays as it is, so that it can be the file that `countersign verify`
reads in a pipeline; what is added is its last key, `modes`.
*/}}
{{- define "countersign.policyFiles" -}}
{{- $files := .Values.policies -}}
{{- if not $files -}}
{{- $files = dict "nothing-trusted.yaml" (.Files.Get "files/nothing-trusted.yaml") -}}
{{- end -}}
{{- $documents := 0 -}}
{{- range $name, $text := $files -}}
{{- if regexMatch "\\.(yaml|yml|json)$" $name -}}
{{- $documents = add1 $documents -}}
{{- if eq $.Values.modes.from "values" -}}
{{- include "countersign.checkModes" (dict "name" $name "text" $text) -}}
{{- $text = printf "%s\n%s" (trimSuffix "\n" $text) (include "countersign.modes" $) -}}
{{- end -}}
{{- end }}
{{ $name | quote }}: {{ $text | toJson }}
{{- end }}
{{- if not $documents -}}
{{- fail "policies: there are keys only: add the policy that names them, as a file that ends in .yaml" -}}
{{- end -}}
{{- end -}}

{{/* A document can be completed at its end only if it is one, in block style, and says nothing of modes itself. */}}
{{- define "countersign.checkModes" -}}
{{- $instead := "or set modes.from=policies, and say modes in each policy" -}}
{{- $text := regexReplaceAll "^(\\s*#[^\\n]*\\n|\\s*\\n)*---[ \\t]*\\r?\\n" .text "" -}}
{{- if regexMatch "(?m)^[\"']?modes[\"']?\\s*:" $text -}}
{{- fail (printf "policies.%s: it has modes of its own, and enforce.namespaces would not change them: take them out, %s" .name $instead) -}}
{{- else if regexMatch "(?m)^(---|\\.\\.\\.)" $text -}}
{{- fail (printf "policies.%s: it holds several documents: make a file of each, %s" .name $instead) -}}
{{- else if not (regexMatch "(?m)^rules\\s*:" $text) -}}
{{- fail (printf "policies.%s: no line begins with rules: write the policy in block style, %s" .name $instead) -}}
{{- end -}}
{{- end -}}

{{- define "countersign.modes" }}
modes: # by the chart, from enforce.namespaces and warn.namespaces
{{- with .Values.enforce.namespaces }}
  - { namespaces: {{ toJson . }}, mode: enforce }
{{- end }}
{{- with .Values.warn.namespaces }}
  - { namespaces: {{ toJson . }}, mode: warn }
{{- end }}
  - { namespaces: ["*"], mode: audit }
{{ end -}}
