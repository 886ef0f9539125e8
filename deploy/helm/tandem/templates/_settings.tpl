{{- /* What the ConfigMap of the districts file holds; empty where another one is given. */}}
{{- define "tandem.districts" -}}
{{- if not .Values.existingDistricts }}
districts.yaml: {{ dict "districts" .Values.districts | toYaml | quote }}
{{- range $file, $text := .Values.districtFiles }}
{{ $file }}: {{ $text | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- /* (dict root service): all settings of a service, by variable. */}}
{{- define "tandem.settings" -}}
{{- $registry := include "tandem.registry" .root | fromYaml }}
{{- with .root.Values -}}
ENVIRONMENT: {{ .environment }}
SECRETS_DIR: /etc/tandem/secrets
DISTRICTS_FILE: /etc/tandem/districts/districts.yaml
REST_PORT: {{ $registry.ports.http | quote }}
GRPC_PORT: {{ $registry.ports.grpc | quote }}
INTERNAL_PORT: {{ $registry.ports.internal | quote }}
TRACE_RATIO: {{ .tracing.ratio | quote }}
{{- with .tracing.endpoint }}
OTLP_ENDPOINT: {{ . | quote }}
{{- end }}
{{- with .allowPlaintext }}
ALLOW_PLAINTEXT: {{ join "," . | quote }}
{{- end }}
{{- end }}
{{- include "tandem.kafka" (dict "root" .root "who" .service) }}
{{- include "tandem.mongodb" .root }}
{{- include "tandem.issuers" .root }}
{{- $own := (index .root.Values.services .service | default dict).settings | default dict }}
{{- $told := mergeOverwrite (deepCopy .root.Values.settings) $own }}
{{- if and (ne .root.Values.routes.kind "none") (not (hasKey $told "TRUSTED_PROXIES")) }}
TRUSTED_PROXIES: "1"
{{- end }}
{{- range $key, $value := $told }}
{{ $key }}: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
{{- end }}
{{- end }}
