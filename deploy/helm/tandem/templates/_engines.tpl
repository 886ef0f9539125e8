{{- /* (dict root who): what a process is told of Kafka, by variable. */}}
{{- define "tandem.kafka" -}}
{{- $who := .who }}
{{- with .root.Values.kafka }}
KAFKA_BOOTSTRAP_SERVERS: {{ .bootstrapServers | quote }}
KAFKA_SECURITY_PROTOCOL: {{ .securityProtocol }}
{{- if or .ca.secret .ca.configMap }}
KAFKA_CA_FILE: /etc/tandem/kafka/ca.crt
{{- end }}
{{- if .clientCertificate.secret }}
KAFKA_CERT_FILE: /etc/tandem/kafka/client.crt
KAFKA_KEY_FILE: /etc/tandem/kafka/client.key
{{- end }}
{{- with .sasl }}
{{- if .mechanism }}
KAFKA_SASL_MECHANISM: {{ .mechanism }}
KAFKA_SASL_USERNAME: {{ include "tandem.of" (list .username $who) | quote }}
KAFKA_SASL_PASSWORD_FILE: /etc/tandem/kafka/password
{{- with .tokenEndpoint }}
KAFKA_SASL_TOKEN_ENDPOINT: {{ . | quote }}
{{- end }}
{{- with .tokenScope }}
KAFKA_SASL_TOKEN_SCOPE: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* What a process is told of MongoDB, besides its address. */}}
{{- define "tandem.mongodb" -}}
{{- with .Values.mongodb }}
{{- if or .ca.secret .ca.configMap }}
MONGODB_CA_FILE: /etc/tandem/mongodb/ca.crt
{{- end }}
{{- if .clientCertificate.secret }}
MONGODB_CERT_FILE: /etc/tandem/mongodb/client.crt
MONGODB_KEY_FILE: /etc/tandem/mongodb/client.key
{{- end }}
{{- end }}
{{- end }}

{{- /* What a process is told of who has keys of issuers. */}}
{{- define "tandem.issuers" -}}
{{- with .Values.issuers.ca }}
{{- if or .secret .configMap }}
ISSUERS_CA_FILE: /etc/tandem/issuers/ca.crt
{{- end }}
{{- end }}
{{- end }}

{{- /* (list root mode): the volume that holds it. */}}
{{- define "tandem.issuersVolume" -}}
{{- with include "tandem.ca" (index . 0).Values.issuers.ca | trim }}
- name: issuers
  projected:
    defaultMode: {{ index $ 1 }}
    sources: {{- . | nindent 6 }}
{{- end }}
{{- end }}

{{- define "tandem.issuersMount" -}}
{{- if include "tandem.issuers" . | trim }}
- {name: issuers, mountPath: /etc/tandem/issuers, readOnly: true}
{{- end }}
{{- end }}

{{- define "tandem.ca" -}}
{{- with .secret }}
- secret: {name: {{ . }}, items: [{key: {{ $.key }}, path: ca.crt}]}
{{- end }}
{{- with .configMap }}
- configMap: {name: {{ . }}, items: [{key: {{ $.key }}, path: ca.crt}]}
{{- end }}
{{- end }}

{{- /* (list clientCertificate who) */}}
{{- define "tandem.certificate" -}}
{{- $who := index . 1 }}
{{- with index . 0 }}
{{- if .secret }}
- secret: {name: {{ include "tandem.of" (list .secret $who) }}, items: [{key: {{ .cert }}, path: client.crt}, {key: {{ .key }}, path: client.key}]}
{{- end }}
{{- end }}
{{- end }}

{{- /* (dict root who): the files that Kafka and its clients ask for; empty where there are none.
Folders, not single files: those would not be replaced. */}}
{{- define "tandem.kafkaFiles" -}}
{{- $who := .who }}
{{- with .root.Values.kafka }}
{{- if .sasl.mechanism }}
- secret: {name: {{ include "tandem.of" (list .sasl.secret $who) }}, items: [{key: {{ .sasl.passwordKey }}, path: password}]}
{{- end }}
{{- include "tandem.ca" .ca }}
{{- include "tandem.certificate" (list .clientCertificate $who) }}
{{- end }}
{{- end }}

{{- define "tandem.mongodbFiles" -}}
{{- $who := .who }}
{{- with .root.Values.mongodb }}
{{- include "tandem.ca" .ca }}
{{- include "tandem.certificate" (list .clientCertificate $who) }}
{{- end }}
{{- end }}
