{{/* SPDX-License-Identifier: Apache-2.0 */}}

{{/* What both webhook configurations say alike. */}}

{{/* Every kind that holds a pod spec (src/admission/kinds.ts), and the one subresource that brings in an image. DELETE and CONNECT bring none. */}}
{{- define "countersign.rules" -}}
- apiGroups: [""]
  apiVersions: ["*"]
  operations: [CREATE, UPDATE]
  resources: [pods, pods/ephemeralcontainers, podtemplates, replicationcontrollers]
  scope: Namespaced
- apiGroups: [apps]
  apiVersions: ["*"]
  operations: [CREATE, UPDATE]
  resources: [deployments, replicasets, statefulsets, daemonsets]
  scope: Namespaced
- apiGroups: [batch]
  apiVersions: ["*"]
  operations: [CREATE, UPDATE]
  resources: [jobs, cronjobs]
  scope: Namespaced
{{- end -}}

{{/*
The webhook is called where every condition is true. A condition that fails counts as failurePolicy, which is a way around
where that is Ignore, so none can fail: what may be missing is asked for first.

An update that leaves the pod spec as it is brings in no image: what the server would answer is known. So finalizers, labels
and scale need no server. `spec` is the whole of it for a Pod; `template` or `jobTemplate` is, for the kinds that have one
(PodTemplate has it elsewhere, and is always asked about). That an object is being deleted says nothing about its images.

Our own Pods must start, and our own Deployment must take a repair, while no server answers. Anyone can copy labels and names,
so they are known by what they can run: in our namespace, under our ServiceAccount, our image by its digest in every
container, and no place where another could be named. `request.namespace` comes from the API server, and is asked first:
elsewhere nothing of it holds. An ephemeral container makes it another Pod.
*/}}
{{- define "countersign.matchConditions" -}}
- name: brings-in-a-pod-spec
  expression: >-
    !(request.operation == 'UPDATE' && has(object.spec) && has(oldObject.spec) && (
    object.spec == oldObject.spec ||
    (request.resource.resource != 'pods' && has(object.spec.template) && has(oldObject.spec.template) &&
    object.spec.template == oldObject.spec.template) ||
    (request.resource.resource == 'cronjobs' && has(object.spec.jobTemplate) && has(oldObject.spec.jobTemplate) &&
    object.spec.jobTemplate == oldObject.spec.jobTemplate)))
{{- if .Values.image.digest }}
- name: is-not-our-own
  expression: >-
    !(request.namespace == '{{ .Release.Namespace }}' && has(object.spec) &&
    (request.resource.resource == 'pods' ||
    (request.resource.resource in ['deployments', 'replicasets'] && has(object.spec.template) && has(object.spec.template.spec))) &&
    [request.resource.resource == 'pods' ? object.spec : object.spec.template.spec].all(pod,
    has(pod.serviceAccountName) && pod.serviceAccountName == '{{ include "countersign.name" . }}' &&
    has(pod.containers) && pod.containers != null && size(pod.containers) > 0 &&
    pod.containers.all(one, has(one.image) && one.image == '{{ include "countersign.image" . }}') &&
    (!has(pod.initContainers) || pod.initContainers == null || size(pod.initContainers) == 0) &&
    (!has(pod.ephemeralContainers) || pod.ephemeralContainers == null || size(pod.ephemeralContainers) == 0) &&
    (!has(pod.volumes) || pod.volumes == null || pod.volumes.all(volume, !has(volume.image)))))
{{- end }}
{{- end -}}

{{/* Given: root, path. No caBundle where somebody else writes it: what the chart does not say, an upgrade leaves alone. */}}
{{- define "countersign.clientConfig" -}}
service:
  namespace: {{ .root.Release.Namespace | quote }}
  name: {{ include "countersign.name" .root }}
  port: 443
  path: {{ .path }}
{{- if eq .root.Values.certificate.mode "files" }}
caBundle: {{ .root.Values.certificate.caBundle | b64enc }}
{{- end }}
{{- end -}}

{{- define "countersign.webhookAnnotations" -}}
{{- if eq .Values.certificate.mode "cert-manager" }}
  annotations:
    cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "countersign.name" . }}
{{- end }}
{{- end -}}
