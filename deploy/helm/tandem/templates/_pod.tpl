{{- /* (list root workload) */}}
{{- define "tandem.partSelector" -}}
{{- $each := index . 1 }}
{{- include "tandem.own" (index . 0) }}
app.kubernetes.io/component: {{ $each.service }}
tandem.part: {{ $each.part | default "all" }}
{{- end }}

{{- /* (list root workload): away from its zone. No spread constraint, since the scheduler passes over
each node that lacks the key of one of them: without zones nothing would be spread. */}}
{{- define "tandem.zones" -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: topology.kubernetes.io/zone
        labelSelector:
          matchLabels: {{- include "tandem.partSelector" . | nindent 12 }}
{{- end }}

{{- define "tandem.partLabels" -}}
{{- $each := index . 1 }}
{{- include "tandem.labels" (index . 0) }}
app.kubernetes.io/component: {{ $each.service }}
tandem.part: {{ $each.part | default "all" }}
tandem.serves: {{ $each.serves | quote }}
tandem.logs: {{ $each.logs | quote }}
{{- end }}

{{- /* (dict root each registry name): the pod of a workload. */}}
{{- define "tandem.pod" -}}
{{- $root := .root }}
{{- $each := .each }}
{{- $kafka := include "tandem.kafkaFiles" (dict "root" $root "who" $each.service) | trim }}
{{- $mongodb := include "tandem.mongodbFiles" (dict "root" $root "who" $each.service) | trim }}
{{- $mode := ternary "0440" "0444" (not (empty $root.Values.pods.user)) }}
{{- include "tandem.podBase" (dict "root" $root "account" (printf "%s-%s" .name $each.service) "zones" (include "tandem.zones" (list $root $each) | fromYaml)) }}
terminationGracePeriodSeconds: 30
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "tandem.partSelector" (list $root $each) | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
containers:
  - name: {{ $each.service }}
    image: {{ include "tandem.image" $root }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    args: [{{ $each.service }}]
    env:
      - {name: ROLES, value: {{ join "," $each.roles | quote }}}
      {{- with include "tandem.env" $root | trim }}
      {{- . | nindent 6 }}
      {{- end }}
    envFrom:
      - configMapRef: {name: {{ .name }}-{{ $each.service }}}
    ports:
      {{- if $each.serves }}
      - {name: http, containerPort: {{ .registry.ports.http }}}
      - {name: grpc, containerPort: {{ .registry.ports.grpc }}}
      {{- end }}
      - {name: internal, containerPort: {{ .registry.ports.internal }}}
    # it has begun: whether MongoDB answers is for readiness alone
    startupProbe: {httpGet: {path: /livez, port: internal}, periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 120}
    readinessProbe: {httpGet: {path: /readyz, port: internal}, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2}
    livenessProbe: {httpGet: {path: /livez, port: internal}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
    {{- if $each.serves }}
    # SIGTERM comes once those who route have learnt that the pod is on its way out
    lifecycle: {preStop: {sleep: {seconds: 5}}}
    {{- end }}
    resources: {{- toYaml $each.resources | nindent 6 }}
    securityContext: {{- include "tandem.containerSecurity" $root | nindent 6 }}
    volumeMounts:
      - {name: tmp, mountPath: /tmp}
      - {name: districts, mountPath: /etc/tandem/districts, readOnly: true}
      - {name: secrets, mountPath: /etc/tandem/secrets, readOnly: true}
      {{- if $kafka }}
      - {name: kafka, mountPath: /etc/tandem/kafka, readOnly: true}
      {{- end }}
      {{- if $mongodb }}
      - {name: mongodb, mountPath: /etc/tandem/mongodb, readOnly: true}
      {{- end }}
      {{- with include "tandem.issuersMount" $root | trim }}
      {{- . | nindent 6 }}
      {{- end }}
volumes:
  - name: tmp
    emptyDir: {sizeLimit: {{ $each.tmp }}}
  - name: districts
    configMap: {name: {{ $root.Values.existingDistricts | default (printf "%s-districts" .name) }}}
  - name: secrets
    secret:
      secretName: {{ include "tandem.of" (list $root.Values.mongodb.secret $each.service) }}
      defaultMode: {{ $mode }}
      items: [{key: {{ $root.Values.mongodb.uriKey }}, path: mongodb_uri}]
  {{- if $kafka }}
  - name: kafka
    projected:
      defaultMode: {{ $mode }}
      sources: {{- $kafka | nindent 8 }}
  {{- end }}
  {{- if $mongodb }}
  - name: mongodb
    projected:
      defaultMode: {{ $mode }}
      sources: {{- $mongodb | nindent 8 }}
  {{- end }}
  {{- with include "tandem.issuersVolume" (list $root $mode) | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end }}
