{{- define "greenroom.name" -}}
{{- if .Values.nameOverride }}{{ .Values.nameOverride }}{{ else if contains "greenroom" .Release.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-greenroom" .Release.Name }}{{ end -}}
{{- end }}

{{- define "greenroom.selector" -}}
app.kubernetes.io/name: greenroom
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "greenroom.labels" -}}
{{ include "greenroom.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "greenroom.secret" -}}
{{ .Values.secret.existingName | default (include "greenroom.name" .) }}
{{- end }}
