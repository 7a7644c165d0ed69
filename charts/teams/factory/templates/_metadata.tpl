{{- /*
What every object says about itself.

Usage: include "egress.metadata" (dict "values" $.Values "name" .name "layer" .layer "source" .source)
A set of domains also gives "set", the label that rules find it by. Where Argo CD applies objects in
waves, sets come before the rules, and so does what gives "first".
*/ -}}
{{- define "egress.metadata" -}}
metadata:
  name: {{ .name | quote }}
  namespace: {{ .values.namespace | quote }}
  labels:
    app.kubernetes.io/name: "egress-policy"
    app.kubernetes.io/part-of: "transire"
    transire/layer: {{ .layer | quote }}
    {{- with .set }}
    transire/set: {{ . | quote }}
    {{- end }}
    transire/team: {{ .values.team | quote }}
  annotations:
    {{- if or .set .first }}
    argocd.argoproj.io/sync-wave: "-1"
    {{- end }}
    transire/source: {{ .source | quote }}
{{- end }}
