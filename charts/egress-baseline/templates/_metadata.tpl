{{- /*
What every object says about itself; cluster-wide unless it names a namespace.

Usage: include "baseline.metadata" (dict "name" .name "layer" .layer "source" .source)
A set of domains also gives "set": the label that rules find it by, and a place before the rules
where Argo CD applies objects in waves.
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
    {{- with .set }}
    argocd.argoproj.io/sync-wave: "-1"
    {{- end }}
    transire/source: {{ .source | quote }}
{{- end }}
