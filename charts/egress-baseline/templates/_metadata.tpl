{{- /*
What every object says about itself; cluster-wide unless it names a namespace.

Usage: include "baseline.metadata" (dict "name" .name "layer" .layer "source" .source)
A set of domains also gives "set", the label that rules find it by. Where Argo CD applies objects in
waves, sets come before the rules, and so does what gives "first".
*/ -}}
{{- define "baseline.metadata" -}}
metadata:
  name: {{ .name | quote }}
  {{- with .namespace }}
  namespace: {{ . | quote }}
  {{- end }}
  labels:
    app.kubernetes.io/name: "egress-baseline"
    app.kubernetes.io/part-of: "transire"
    transire/layer: {{ .layer | quote }}
    {{- with .set }}
    transire/set: {{ . | quote }}
    {{- end }}
  annotations:
    {{- if or .set .first }}
    argocd.argoproj.io/sync-wave: "-1"
    {{- end }}
    transire/source: {{ .source | quote }}
{{- end }}
