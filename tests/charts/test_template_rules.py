"""Templates reach their values and nothing else, whatever they try."""

from __future__ import annotations

from pathlib import Path

import helm_python
import pytest

from support.paths import ROOT
from transire.charts.templates.functions import ALLOWED, WHY_NOT
from transire.charts.templates.rules import template_problems

CHARTS = ("egress-policy", "egress-baseline", "egress-tier")
PATH = "charts/egress-policy/templates/more.yaml"

REACHING = [
    "{{ .Release.Name }}",
    "{{ $.Release.Name }}",
    "{{ with .Values }}{{ $.Release.Name }}{{ end }}",
    "{{ with .Values }}{{ else }}{{ .Release.Name }}{{ end }}{{ .Release.Name }}",
    "{{ range .Values.none }}{{ else }}{{ .Release.Name }}{{ end }}",
    '{{ (index . "Release").Name }}',
    '{{ index $ "Release" "Name" }}',
    '{{ get . "Release" | toJson }}',
    "{{ $all := . }}{{ $all.Release.Name }}",
    "{{ with $all := $ }}{{ $all.Release.Name }}{{ end }}",
    "{{ range $key, $each := . }}{{ if eq $key `Release` }}{{ $each.Name }}{{ end }}{{ end }}",
    "{{ range tuple . }}{{ .Release.Name }}{{ end }}",
    '{{ define "x" }}{{ .Release.Name }}{{ end }}{{ include "x" . }}',
    '{{ define "x" }}{{ (index . "Release").Name }}{{ end }}{{ template "x" $ }}',
    '{{ define "x" }}{{ (index .all "Release").Name }}{{ end }}{{ include "x" (dict "all" $) }}',
    '{{ block "x" . }}{{ get . "Release" | toJson }}{{ end }}',
    '{{ define "egress-policy/templates/zz.yaml" }}{{ get . "Release" | toJson }}{{ end }}',
    "{{ define `egress-policy/templates/zz.yaml` }}{{ get . `Release` | toJson }}{{ end }}",
    '{{ define "egress-policy\\x2ftemplates\\x2fzz.yaml" }}{{ get . "Release" | toJson }}{{ end }}',
    "{{ toYaml . }}",
    "{{if.Release.IsUpgrade}}{{end}}{{if.Release.Name}}{{.Release.Name}}{{end}}",
    "{{- .Release.Name -}}",
    "{{- /* {{ */ -}}{{ .Release.Name }}",
    '{{ print "}}" .Release.Name }}',
    "{{ print `{{` .Release.Name }}",
    "{{ .Values.none | default .Release.Name }}",
    "{{ (.Release).Name }}",
    "{{\n.Release.Name\n}}",
    "{{ if false }}{{ else if .Release.Name }}{{ .Release.Name }}{{ end }}",
]
"""Ways to the release's name; Helm knows all of them."""

CHANCY = [
    "{{ randAlphaNum 30 }}",
    '{{ "10" | atoi | randAlpha }}',
    "{{ uuidv4 }}",
    '{{ genPrivateKey "ecdsa" | sha256sum }}',
    '{{ htpasswd "a" "b" }}',
    '{{ keys (dict "a" 1 "b" 2 "c" 3 "d" 4 "e" 5 "f" 6 "g" 7 "h" 8 "i" 9) | toJson }}',
    '{{ values (dict "a" 1 "b" 2 "c" 3 "d" 4 "e" 5 "f" 6 "g" 7 "h" 8 "i" 9) | toJson }}',
    '{{ printf "%p" (dict) }}',
    '{{ printf "%#[1]p" (dict) }}',
    '{{ printf "\\x25\\x70" (dict) }}',
    '{{ printf (print "%" "p") (dict) }}',
    '{{ dict | printf "%p" }}',
    '{{ printf "%d" (list (semver "1.2.3")) }}',
    '{{ shuffle "abcdefghijklmnopqrstuvwxyz0123456789" }}',
    '{{ now | date "05.000000000" }}',
]
"""What gives something else each time."""

HARMLESS = [
    "{{ .Values.target }}",
    "{{ $.Values.target | quote }}",
    "{{ toYaml .Values }}",
    (
        '{{ define "x" }}{{ . }}{{ $ }}{{ .name }}{{ index . "name" }}{{ end }}'
        '{{ include "x" (dict "name" .Values.target) }}'
    ),
    "{{ with .Values.target }}{{ . }}{{ end }}",
    "{{ range $key, $each := .Values.labels }}{{ $key }}={{ $each }} {{ . }}{{ end }}",
    "{{ with .Values.none }}{{ . }}{{ else with .Values.target }}{{ . }}{{ end }}",
    "{{ if .Values.none }}a{{ else if .Values.target }}b{{ else }}c{{ end }}",
    '{{ printf "%s-%d%%" .Values.target (int 3) }}',
    '{{ .Values.target | printf "%q\\n" }}',
    "{{- /* .Release.Name, lookup and . in a comment */ -}}",
    'Release .Release.Name lookup {{ "outside .Release of actions" }} now',
    "{{ range until 3 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ break }}{{ end }}",
    "{{ $x := dict }}{{ $x = set $x `a` .Values.target }}{{ $x.a }}{{ (dict `b` 1).b }}",
    "{{ -3 }}{{ +1.5e3 }}{{ 'x' }}{{ true }}{{ quote nil }}",
]


def told(template: str) -> list[str]:
    files = {"templates/more.yaml": template.encode(), "values.yaml": b"{{ .Release }}"}
    return [str(each) for each in template_problems("charts/egress-policy", files)]


def rendered(folder: Path, template: str, name: str) -> str:
    """What Helm makes of the template, in the names that only a release has."""
    chart = folder / "egress-policy"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: egress-policy\nversion: 0.1.0\n")
    (chart / "templates/more.yaml").write_text(template)
    (chart / "templates/zz.yaml").write_text("")
    values = {"target": "a.b", "labels": {"app": "web"}}
    loaded = helm_python.Chart.load(str(chart))
    return repr(loaded.render(values, name=name, namespace=name, revision=len(name)))


@pytest.mark.parametrize("chart", CHARTS)
def test_the_charts_of_this_repository_keep_to_it(chart: str) -> None:
    templates = ROOT / "charts" / chart / "templates"
    files = {f"templates/{each.name}": each.read_bytes() for each in templates.iterdir()}

    assert list(template_problems(f"charts/{chart}", files)) == []
    assert len(files) > 1


@pytest.mark.parametrize("template", REACHING)
def test_no_way_leads_to_the_release(template: str, tmp_path: Path) -> None:
    assert "one-release" in rendered(tmp_path, template, "one-release")

    assert told(template) != []


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.parametrize("template", CHANCY)
def test_nothing_that_changes_each_time_is_rendered(template: str, tmp_path: Path) -> None:
    tries = {rendered(tmp_path, template, "same") for _ in range(20)}

    assert len(tries) > 1
    assert told(template) != []


@pytest.mark.parametrize("template", HARMLESS)
def test_what_depends_on_values_alone_passes_and_renders_alike(
    template: str, tmp_path: Path
) -> None:
    assert told(template) == []

    tries = {rendered(tmp_path, template, name) for name in ("one", "another", "one", "third")}
    assert len(tries) == 1


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "kind: A\nname: {{ .Release.Name }}\n",
            f"{PATH}:2:10: error: .Release.Name is not the same in Argo CD, Flux and `helm template` (chart-template)\n  help: take it from .Values: the target's values file is all that every tool reads alike",
        ),
        (
            '{{ include "x" $ }}',
            f"{PATH}:1:16: error: $ hands on everything that Helm gives, which is not the same in Argo CD, Flux and `helm template` (chart-template)\n  help: hand on .Values, or a dict of what is needed",
        ),
        (
            '{{ lookup "v1" "Secret" "a" "b" }}',
            f"{PATH}:1:4: error: the function lookup asks the cluster or the network, which a proof cannot know (chart-template)\n  help: decide it in the values; templates only choose, repeat and quote",
        ),
        (
            '{{ tpl .Values.text (dict "Template" 1) }}',
            f"{PATH}:1:4: error: the function tpl runs text as a template, so a value could reach what no template may (chart-template)\n  help: decide it in the values; templates only choose, repeat and quote",
        ),
        (
            "{{ newFunction .Values.text }}",
            f"{PATH}:1:4: error: the function newFunction is not known to give the same everywhere (chart-template)\n  help: decide it in the values; templates only choose, repeat and quote",
        ),
        (
            '{{ printf "%p" .Values }}',
            f"{PATH}:1:4: error: printf could show where a value lies in memory, which changes each time (chart-template)\n  help: write its format in place, in double quotes, and without %p",
        ),
        (
            '{{ define "a/b" }}{{ end }}',
            f'{PATH}:1:11: error: "a/b" is no plain name, and could be that of a file, which Helm runs with all that it has (chart-template)\n  help: use letters, digits, hyphens and dots, in double quotes',
        ),
        (
            "\n  {{ .Values.a ; }}",
            f"{PATH}:2:16: error: the template cannot be read from here on (chart-template)\n  help: write it in the plain form of Go's text/template, as the other templates are",
        ),
    ],
)
def test_every_message_is_exactly_this(template: str, message: str) -> None:
    assert told(template) == [message]


@pytest.mark.parametrize(
    "template", ["{{ end }}", "{{ else }}", "{{ .Values.a", "{{}}", '{{ "a }}']
)
def test_what_cannot_be_read_is_refused(template: str) -> None:
    assert [each.partition(": error: ")[2].partition(" (")[0] for each in told(template)] == [
        "the template cannot be read from here on"
    ]


def test_functions_are_allowed_or_not_but_never_both() -> None:
    assert sorted(ALLOWED & WHY_NOT.keys()) == []


def test_every_allowed_function_is_one_that_helm_has(tmp_path: Path) -> None:
    unknown = []
    for name in sorted(ALLOWED):
        try:
            rendered(tmp_path, f"{{{{ {name} }}}}", "a")
        except helm_python.HelmError as error:
            if "not defined" in str(error):
                unknown.append(name)

    assert unknown == []


def test_other_files_of_a_chart_are_no_templates() -> None:
    files = {"values.yaml": b"{{ .Release }}", "README.md": b"{{ lookup }}"}

    assert list(template_problems("charts/egress-policy", files)) == []
