{{- define "engines.own" -}}
app.kubernetes.io/name: trial-engines
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "engines.labels" -}}
{{ include "engines.own" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* (dict root engine port mount container): a Service and a StatefulSet of one. */}}
{{- define "engines.engine" }}
{{- $name := printf "%s-%s" .root.Release.Name .engine }}
{{- $told := index .root.Values .engine }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{- include "engines.labels" .root | nindent 4 }}
spec:
  clusterIP: None
  # it calls itself by this name before it is ready
  publishNotReadyAddresses: true
  selector:
    {{- include "engines.own" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .engine }}
  ports:
    - {name: {{ .engine }}, port: {{ .port }}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}
  labels: {{- include "engines.labels" .root | nindent 4 }}
spec:
  serviceName: {{ $name }}
  replicas: 1
  selector:
    matchLabels:
      {{- include "engines.own" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .engine }}
  template:
    metadata:
      labels:
        {{- include "engines.labels" .root | nindent 8 }}
        app.kubernetes.io/component: {{ .engine }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      securityContext:
        runAsNonRoot: true
        runAsUser: {{ $told.user }}
        runAsGroup: {{ $told.user }}
        fsGroup: {{ $told.user }}
        seccompProfile: {type: RuntimeDefault}
      containers:
        - name: {{ .engine }}
          image: {{ $told.image }}
          ports:
            - {name: {{ .engine }}, containerPort: {{ .port }}}
          resources: {{- toYaml $told.resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            runAsNonRoot: true
            capabilities: {drop: [ALL]}
            seccompProfile: {type: RuntimeDefault}
          {{- .container | nindent 10 }}
          volumeMounts:
            - {name: data, mountPath: {{ .mount }}}
            - {name: tmp, mountPath: /tmp}
      volumes:
        - name: tmp
          emptyDir: {sizeLimit: 256Mi}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec:
        accessModes: [ReadWriteOnce]
        resources: {requests: {storage: {{ $told.storage }}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $name }}
  labels: {{- include "engines.labels" .root | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "engines.own" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .engine }}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: tandem
              app.kubernetes.io/instance: {{ .root.Values.tandem }}
        # itself, by its name
        - podSelector:
            matchLabels:
              {{- include "engines.own" .root | nindent 14 }}
              app.kubernetes.io/component: {{ .engine }}
      ports: [{port: {{ .port }}, protocol: TCP}]
{{- end }}
