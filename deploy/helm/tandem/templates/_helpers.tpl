{{- define "tandem.name" -}}
{{ .Values.fullnameOverride | default .Release.Name }}
{{- end }}

{{- define "tandem.registry" -}}
{{ .Files.Get "files/registry.yaml" }}
{{- end }}

{{- /* What selects pods of this release. */}}
{{- define "tandem.own" -}}
app.kubernetes.io/name: tandem
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tandem.labels" -}}
{{ include "tandem.own" . }}
app.kubernetes.io/part-of: tandem
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "tandem.image" -}}
{{- with .Values.image }}
{{- with .registry }}{{ . }}/{{ end }}{{ .repository }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- /* (list text who): the text for a service, or for the Job `topics`. */}}
{{- define "tandem.of" -}}
{{ index . 0 | replace "{service}" (index . 1) }}
{{- end }}

{{- /* Variables of every container besides its own; empty where none are given. */}}
{{- define "tandem.env" -}}
{{- with .Values.pods.env }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{- define "tandem.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
{{- with .Values.pods.user }}
runAsUser: {{ int . }}
runAsGroup: {{ int . }}
{{- end }}
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- /* What every pod has, Jobs included. */}}
{{- define "tandem.podBase" -}}
automountServiceAccountToken: false
serviceAccountName: {{ .account | default "default" }}
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .root.Values.pods }}
{{- with .nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with merge (deepCopy .affinity) ($.zones | default dict) }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  {{- with .user }}
  fsGroup: {{ int . }}
  {{- end }}
  seccompProfile: {type: RuntimeDefault}
{{- end }}
{{- end }}

{{- /* The Deployments of all services, as a list of: service, part, name, kind, roles, projectors
(names of views), serves (has an API), logs (uses Kafka), replicas, tmp, resources. */}}
{{- define "tandem.workloads" -}}
{{- $name := include "tandem.name" . }}
{{- $registry := include "tandem.registry" . | fromYaml }}
{{- range $service, $declared := $registry.services }}
{{- $own := index $.Values.services $service | default dict }}
{{- $split := empty $.Values.restoring | ternary ($own.split | default $.Values.split) "roles" }}
{{- $background := without $declared.roles "api" }}
{{- $views := keys $declared.projectors | sortAlpha }}
{{- $parts := list }}
{{- if eq $split "none" }}
{{- $parts = append $parts (dict "part" "" "kind" "all" "roles" $declared.roles "projectors" $views) }}
{{- else }}
{{- $parts = append $parts (dict "part" "api" "kind" "api" "roles" (list "api") "projectors" list) }}
{{- if eq $split "api" }}
{{- $parts = append $parts (dict "part" "background" "kind" "background" "roles" $background "projectors" $views) }}
{{- else }}
{{- range $role := without $background "projector" }}
{{- $parts = append $parts (dict "part" $role "kind" $role "roles" (list $role) "projectors" list) }}
{{- end }}
{{- range $views }}
{{- $parts = append $parts (dict "part" (printf "projector-%s" .) "kind" "projector" "roles" (list (printf "projector.%s" .)) "projectors" (list .)) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $parts }}
{{- $given := mergeOverwrite (deepCopy (index $.Values.workloads .kind)) (index $own .kind | default dict) }}
{{- $logs := or (has "relay" .roles) (not (empty .projectors)) (has "api" .roles) }}
{{- $replicas := int $given.replicas }}
{{- if $.Values.restoring }}
{{- $replicas = and (eq $.Values.restoring "building") (has .kind (list "api" "relay")) | ternary 1 0 }}
{{- end }}
- {{ merge (dict "service" $service "name" (printf "%s-%s%s" $name $service (empty .part | ternary "" (printf "-%s" .part))) "serves" (has "api" .roles) "logs" $logs "replicas" $replicas "tmp" $given.tmp "resources" $given.resources) . | toJson }}
{{- end }}
{{- end }}
{{- end }}
