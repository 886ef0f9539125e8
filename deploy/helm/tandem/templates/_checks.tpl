{{- /* What the schema cannot say, or only in patterns that nobody reads: all mistakes at once. */}}
{{- define "tandem.check" -}}
{{- $wrong := list }}
{{- with .Values }}
{{- if not (regexMatch "^[^,\\s]+:[0-9]+(,[^,\\s]+:[0-9]+)*$" .kafka.bootstrapServers) }}
{{- $wrong = append $wrong "kafka.bootstrapServers: name the brokers as host:port, several separated by commas" }}
{{- end }}
{{- $sasl := hasPrefix "SASL" .kafka.securityProtocol }}
{{- if and $sasl (not .kafka.sasl.mechanism) }}
{{- $wrong = append $wrong (printf "kafka.sasl.mechanism: kafka.securityProtocol %s needs one" .kafka.securityProtocol) }}
{{- end }}
{{- if and .kafka.sasl.mechanism (not $sasl) }}
{{- $wrong = append $wrong (printf "kafka.sasl.mechanism: leave it empty, since kafka.securityProtocol %s has no SASL" .kafka.securityProtocol) }}
{{- end }}
{{- if and (eq .kafka.securityProtocol "SASL_PLAINTEXT") (has .kafka.sasl.mechanism (list "PLAIN" "OAUTHBEARER")) }}
{{- $wrong = append $wrong (printf "kafka.sasl.mechanism: %s needs TLS, so kafka.securityProtocol SASL_SSL" .kafka.sasl.mechanism) }}
{{- end }}
{{- if ne (eq .kafka.sasl.mechanism "OAUTHBEARER") (not (empty .kafka.sasl.tokenEndpoint)) }}
{{- $wrong = append $wrong "kafka.sasl.tokenEndpoint: it goes with the mechanism OAUTHBEARER, and OAUTHBEARER with it" }}
{{- end }}
{{- $plain := has .kafka.securityProtocol (list "PLAINTEXT" "SASL_PLAINTEXT") }}
{{- if and (eq .environment "production") $plain (not (has "kafka" .allowPlaintext)) }}
{{- $wrong = append $wrong "kafka.securityProtocol: production needs TLS, so SASL_SSL or SSL (or allowPlaintext: [kafka])" }}
{{- end }}
{{- if and $plain (or .kafka.ca.secret .kafka.ca.configMap .kafka.clientCertificate.secret) }}
{{- $wrong = append $wrong (printf "kafka.ca, kafka.clientCertificate: leave them empty, since kafka.securityProtocol %s has no TLS" .kafka.securityProtocol) }}
{{- end }}
{{- range $engine := list "kafka" "mongodb" "issuers" }}
{{- $ca := (index $.Values $engine).ca }}
{{- if and $ca.secret $ca.configMap }}
{{- $wrong = append $wrong (printf "%s.ca: a Secret or a ConfigMap, not both" $engine) }}
{{- end }}
{{- end }}
{{- if and (eq .environment "production") .settings.BACKDATING }}
{{- $wrong = append $wrong "settings.BACKDATING: for demos and tests; production refuses it" }}
{{- end }}
{{- if and .image.digest (not (regexMatch "^sha256:[0-9a-f]{64}$" .image.digest)) }}
{{- $wrong = append $wrong "image.digest: sha256: and 64 digits of 0-9 and a-f" }}
{{- end }}
{{- if eq .image.tag "latest" }}
{{- $wrong = append $wrong "image.tag: name a version; what latest is changes under your feet" }}
{{- end }}
{{- if and .existingDistricts (or .districts .districtFiles) }}
{{- $wrong = append $wrong "existingDistricts: the districts are in that ConfigMap, or in districts and districtFiles, not in both" }}
{{- end }}
{{- range $district, $told := .districts }}
{{- range $number, $issuer := $told.issuers }}
{{- if eq (empty $issuer.jwks_uri) (empty $issuer.jwks_file) }}
{{- $wrong = append $wrong (printf "districts.%s.issuers[%d]: exactly one of jwks_uri and jwks_file" $district $number) }}
{{- end }}
{{- $file := $issuer.jwks_file | default "" | trimPrefix "/etc/tandem/districts/" }}
{{- if and $file (not (hasKey $.Values.districtFiles $file)) }}
{{- $wrong = append $wrong (printf "districts.%s.issuers[%d].jwks_file: %s is no file of districtFiles, which are in /etc/tandem/districts" $district $number $issuer.jwks_file) }}
{{- end }}
{{- if and (eq $.Values.environment "production") $issuer.jwks_uri (not (hasPrefix "https://" $issuer.jwks_uri)) }}
{{- $wrong = append $wrong (printf "districts.%s.issuers[%d].jwks_uri: it begins with https:// in production" $district $number) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $kind := list "pulls" "folders" }}
{{- $seen := list }}
{{- range $number, $each := index $.Values.rosters $kind }}
{{- $at := printf "rosters.%s[%d]" $kind $number }}
{{- if has $each.district $seen }}
{{- $wrong = append $wrong (printf "%s: each district is there once" $at) }}
{{- end }}
{{- $seen = append $seen $each.district }}
{{- if and (eq $.Values.environment "production") (not (hasPrefix "https://" $each.tokenUrl)) }}
{{- $wrong = append $wrong (printf "%s.tokenUrl: it begins with https:// in production" $at) }}
{{- end }}
{{- if and (eq $kind "folders") (not $.Values.existingDistricts) (not (hasKey $.Values.districts $each.district)) }}
{{- $wrong = append $wrong (printf "%s.district: %s is none of districts" $at $each.district) }}
{{- end }}
{{- if and (eq $kind "pulls") $.Values.networkPolicy.enabled (not $each.to) }}
{{- $wrong = append $wrong (printf "%s.to: where its server is, as peers of a NetworkPolicy, or public: any public address" $at) }}
{{- end }}
{{- if and (eq $kind "pulls") (not $.Values.existingDistricts) }}
{{- $server := (index $.Values.districts $each.district | default dict).oneroster | default dict }}
{{- if ne ($server.client_secret_file | default "") "/etc/tandem/rosters/oneroster_secret" }}
{{- $wrong = append $wrong (printf "%s: districts.%s.oneroster says where its server is, with client_secret_file: /etc/tandem/rosters/oneroster_secret" $at $each.district) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- with .networkPolicy }}
{{- if and .enabled .issuers.ports (not .issuers.to) (or $.Values.rosters.pulls $.Values.rosters.folders) }}
{{- $wrong = append $wrong "networkPolicy.issuers.to: where rosters have their tokens from, as peers, or public: else they reach any address" }}
{{- end }}
{{- end }}
{{- $own := (include "tandem.registry" $ | fromYaml).variables }}
{{- $seen := list }}
{{- range $number, $each := .pods.env }}
{{- $at := printf "pods.env[%d]" $number }}
{{- if or (has $each.name $own) (hasPrefix "TANDEM_" $each.name) }}
{{- $wrong = append $wrong (printf "%s: %s is a setting of Tandem: give it under settings, or by the value that is for it" $at $each.name) }}
{{- end }}
{{- if has $each.name $seen }}
{{- $wrong = append $wrong (printf "%s: %s is there already" $at $each.name) }}
{{- end }}
{{- $seen = append $seen $each.name }}
{{- end }}
{{- if gt (len (include "tandem.name" $)) 30 }}
{{- $wrong = append $wrong "fullnameOverride: with so long a name of the release choose one of at most 30 characters" }}
{{- end }}
{{- if .autoscaling.projectors.enabled }}
{{- range include "tandem.workloads" $ | fromYamlArray }}
{{- if eq .kind "all" }}
{{- $wrong = append $wrong (printf "autoscaling.projectors: they scale apart from the API; %s has split: none" .service) }}
{{- end }}
{{- end }}
{{- end }}
{{- with .routes }}
{{- if ne .kind "none" }}
{{- if not (regexMatch "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$" .hostname) }}
{{- $wrong = append $wrong "routes.hostname: the name that callers use, without https:// and path" }}
{{- end }}
{{- if or (eq .grpcHostname .hostname) (not (regexMatch "^([a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$" .grpcHostname)) }}
{{- $wrong = append $wrong "routes.grpcHostname: a name beside routes.hostname, without https:// and path" }}
{{- end }}
{{- end }}
{{- if eq .kind "gateway" }}
{{- if and .gateway.create (not .gateway.className) }}
{{- $wrong = append $wrong "routes.gateway.className: which GatewayClass is the Gateway of" }}
{{- end }}
{{- if not (or .gateway.create .gateway.name) }}
{{- $wrong = append $wrong "routes.gateway.name: name the Gateway, or let the chart make one (routes.gateway.create)" }}
{{- end }}
{{- end }}
{{- if and (or (eq .kind "ingress") (and (eq .kind "gateway") .gateway.create)) (not .tls.secret) }}
{{- $wrong = append $wrong "routes.tls.secret: the Secret with the certificate for routes.hostname" }}
{{- end }}
{{- end }}
{{- if and (or .strimzi.topics .strimzi.users) (not .strimzi.cluster) }}
{{- $wrong = append $wrong "strimzi.cluster: the name of its Kafka" }}
{{- end }}
{{- $here := or (not .strimzi.namespace) (eq .strimzi.namespace $.Release.Namespace) }}
{{- if and .strimzi.users $here .kafka.sasl.mechanism (ne .kafka.sasl.secret .kafka.sasl.username) }}
{{- $wrong = append $wrong (printf "kafka.sasl.secret: Strimzi keeps a user's password in a Secret of the user's name, so %s" .kafka.sasl.username) }}
{{- end }}
{{- if and .strimzi.users .kafka.sasl.mechanism (ne .kafka.sasl.mechanism "SCRAM-SHA-512") }}
{{- $wrong = append $wrong "kafka.sasl.mechanism: SCRAM-SHA-512 is what Strimzi makes users for" }}
{{- end }}
{{- if gt (int .strimzi.minInsyncReplicas) (int .strimzi.replicas) }}
{{- $wrong = append $wrong "strimzi.minInsyncReplicas: at most as many as strimzi.replicas" }}
{{- end }}
{{- if and .externalSecrets.enabled (not .externalSecrets.store) }}
{{- $wrong = append $wrong "externalSecrets.store: the name of the store" }}
{{- end }}
{{- end }}
{{- if $wrong }}
{{- fail (printf "\n\nThese values do not fit together:\n  - %s\n" (join "\n  - " $wrong)) }}
{{- end }}
{{- end }}
