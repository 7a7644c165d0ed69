{{- /*
What every object is called, and the labels by which the proxy's pods are found.

Usage: include "proxy.metadata" (dict "values" $.Values "name" .name "namespace" .namespace)
*/ -}}
{{- define "proxy.metadata" -}}
metadata:
  name: {{ .name | quote }}
  namespace: {{ .namespace | quote }}
  labels:
    app.kubernetes.io/name: {{ .values.name | quote }}
    app.kubernetes.io/part-of: "transire"
{{- end }}
