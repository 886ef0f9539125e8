{{- /* (dict root name component hook late weight containers volumes kafka): a Job that may be repeated. As a hook
it is made anew each time, in the phases of `hook`. As a plain Job its name follows from all that it is, since Jobs
cannot be changed, and from what is being restored, since topics and indexes are gone then. What another try would not
mend ends it. `late`: the release itself makes what it needs, so that it tries until that is there, or its time is over. */}}
{{- define "tandem.job" -}}
{{- $root := .root }}
{{- $hook := eq $root.Values.jobs.as "hook" }}
{{- $base := printf "%s-%s" (include "tandem.name" $root) .name }}
{{- $pod := include "tandem.jobPod" . }}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $hook | ternary $base (printf "%s-%s" $base (print $pod ($root.Values.jobs | toJson) $root.Values.restoring | sha256sum | trunc 8)) }}
  labels:
    {{- include "tandem.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
  {{- if $hook }}
  annotations:
    helm.sh/hook: {{ .hook }}
    helm.sh/hook-weight: {{ .weight | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
    helm.sh/hook-output-log-policy: hook-failed
  {{- end }}
spec:
  backoffLimit: {{ ternary 6 3 .late }}
  activeDeadlineSeconds: {{ $root.Values.jobs.deadlineSeconds }}
  podFailurePolicy:
    rules:
      # wrong values, and refused
      - action: FailJob
        onExitCodes: {operator: In, values: [2, 4]}
  template: {{- $pod | nindent 4 }}
{{- end }}

{{- define "tandem.jobPod" -}}
metadata:
  labels:
    {{- include "tandem.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
    tandem.logs: {{ .kafka | quote }}
spec:
  restartPolicy: Never
  {{- include "tandem.podBase" (dict "root" .root) | nindent 2 }}
  containers: {{- .containers | nindent 4 }}
  volumes: {{- .volumes | nindent 4 }}
{{- end }}

{{- define "tandem.jobContainer" -}}
image: {{ include "tandem.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
resources: {{- toYaml .Values.jobs.resources | nindent 2 }}
securityContext: {{- include "tandem.containerSecurity" . | nindent 2 }}
{{- end }}

{{- define "tandem.topics" -}}
- name: topics
  {{- include "tandem.jobContainer" .root | nindent 2 }}
  args: [tandem, topics, ensure, --json]
  env:
    {{- range $key, $value := include "tandem.kafka" (dict "root" .root "who" "topics") | fromYaml }}
    - {name: {{ $key }}, value: {{ $value | quote }}}
    {{- end }}
    {{- range $key, $value := include "tandem.issuers" .root | fromYaml }}
    - {name: {{ $key }}, value: {{ $value | quote }}}
    {{- end }}
    {{- with include "tandem.env" .root | trim }}
    {{- . | nindent 4 }}
    {{- end }}
  volumeMounts:
    - {name: tmp, mountPath: /tmp}
    {{- if .files }}
    - {name: kafka, mountPath: /etc/tandem/kafka, readOnly: true}
    {{- end }}
    {{- with include "tandem.issuersMount" .root | trim }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end }}

{{- define "tandem.topicsVolumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 16Mi}
{{- if .files }}
- name: kafka
  projected:
    defaultMode: {{ .mode }}
    sources: {{- .files | nindent 6 }}
{{- end }}
{{- with include "tandem.issuersVolume" (list .root .mode) | trim }}
{{- . | nindent 0 }}
{{- end }}
{{- end }}

{{- /* (dict root registry named): `named`: leaves out a service whose Secret is not there yet. */}}
{{- define "tandem.indexes" -}}
{{- $root := .root }}
{{- $named := .named }}
{{- range $service, $declared := .registry.services }}
{{- $database := (index $root.Values.services $service | default dict).settings | default dict | dig "MONGODB_DATABASE" "" }}
- name: {{ $service }}
  {{- include "tandem.jobContainer" $root | nindent 2 }}
  args: [tandem, indexes, ensure, --service, {{ $service }}{{ $named | ternary ", --where-named" "" }}, --json]
  env:
    - name: MONGODB_URI
      valueFrom: {secretKeyRef: {name: {{ include "tandem.of" (list $root.Values.mongodb.secret $service) }}, key: {{ $root.Values.mongodb.uriKey }}{{ $named | ternary ", optional: true" "" }}}}
    {{- with $database }}
    - {name: MONGODB_DATABASE, value: {{ . | quote }}}
    {{- end }}
    {{- range $key, $value := include "tandem.mongodb" $root | fromYaml }}
    - {name: {{ $key }}, value: {{ $value | quote }}}
    {{- end }}
    {{- with include "tandem.env" $root | trim }}
    {{- . | nindent 4 }}
    {{- end }}
  volumeMounts:
    - {name: tmp, mountPath: /tmp}
    {{- if include "tandem.mongodbFiles" (dict "root" $root "who" $service) | trim }}
    - {name: {{ $service }}, mountPath: /etc/tandem/mongodb, readOnly: true}
    {{- end }}
{{- end }}
{{- end }}

{{- define "tandem.indexesVolumes" -}}
{{- $root := .root }}
{{- $mode := .mode }}
- name: tmp
  emptyDir: {sizeLimit: 16Mi}
{{- range $service, $declared := .registry.services }}
{{- with include "tandem.mongodbFiles" (dict "root" $root "who" $service) | trim }}
- name: {{ $service }}
  projected:
    defaultMode: {{ $mode }}
    sources: {{- . | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}
