{{- /* (dict gateway name) */}}
{{- define "tandem.parents" -}}
- group: gateway.networking.k8s.io
  kind: Gateway
  name: {{ .gateway.name | default .name }}
  {{- with .gateway.namespace }}
  namespace: {{ . }}
  {{- end }}
  {{- with .gateway.sectionName }}
  sectionName: {{ . }}
  {{- end }}
{{- end }}
