"""What `-f` takes: files, folders, standard input; and documents that are not rendered."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from support.policy_repository import run
from transire.commands.given_files import Given, read_given
from transire.model.problems import Rejected, UsageError

POLICY = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: NAME}
spec:
  endpointSelector: {}
  egress:
  - toCIDR: [198.51.100.7/32]
"""
ENGINE = ("--engine", "cilium@1.19")
QUESTION = ("--from", "shop/app=web", "--to", "198.51.100.7:443")
HELM = """\
{{- if .Values.enabled }}
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: {{ .Release.Name }}}
{{- end }}
"""
PROMETHEUS = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: r}
spec: {summary: '{{ $labels.pod }} is <down>'}
"""


def policy(name: str) -> str:
    return POLICY.replace("NAME", name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in" / ".hidden").mkdir(parents=True)
    (tmp_path / "a.yaml").write_text(policy("a"), "utf-8")
    (tmp_path / "in" / "b.yml").write_text(policy("b"), "utf-8")
    ref = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "c"}}
    (tmp_path / "in" / "c.json").write_text(json.dumps(ref), "utf-8")
    (tmp_path / "in" / "notes.txt").write_text("no manifest", "utf-8")
    (tmp_path / "in" / ".hidden" / "d.yaml").write_text("no: manifest", "utf-8")
    return tmp_path


def with_stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))


def test_a_folder_stands_for_its_manifests_by_name(folder: Path) -> None:
    given = read_given([folder])

    assert [each.ref.name for each in given.manifests] == ["a", "b", "c"]
    assert [each.index for each in given.manifests] == [0, 1, 2]
    assert given.manifests[1].source == str(folder / "in" / "b.yml")


def test_a_folder_without_manifests_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_given([tmp_path])

    assert str(caught.value) == f"{tmp_path} holds no file that ends in .json, .yaml, .yml"


def test_a_dash_stands_for_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    with_stdin(monkeypatch, policy("piped"))

    (manifest,) = read_given([Path("-")]).manifests

    assert (manifest.ref.name, manifest.source) == ("piped", "stdin")
    assert manifest.place("/spec/egress/0/toCIDR/0") == (7, 14)


def test_objects_without_a_namespace_go_where_the_command_says() -> None:
    kinds = {
        "cilium.io/v2": ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"),
        "projectcalico.org/v3": ("NetworkPolicy", "NetworkSet", "GlobalNetworkSet", "Tier"),
        "networking.k8s.io/v1": ("NetworkPolicy",),
        "v1": ("Service", "Pod", "Namespace"),
    }
    text = "\n---\n".join(
        json.dumps({"apiVersion": version, "kind": kind, "metadata": {"name": "x"}})
        for version, names in kinds.items()
        for kind in names
    )
    placed = {"CiliumNetworkPolicy", "NetworkPolicy", "NetworkSet", "Service", "Pod"}

    given = read(text, namespace="shop")

    for each in given.manifests:
        assert each.ref.namespace == ("shop" if each.ref.kind in placed else ""), each.ref


def read(text: str, namespace: str = "") -> Given:
    with pytest.MonkeyPatch.context() as patch:
        with_stdin(patch, text)
        return read_given([Path("-")], namespace)


def test_a_namespace_that_is_written_stays() -> None:
    text = policy("a").replace("{name: a}", "{name: a, namespace: bank}")

    assert read(text, namespace="shop").manifests[0].ref.namespace == "bank"


def test_a_namespace_that_can_be_none_is_a_mistake() -> None:
    with pytest.raises(UsageError) as caught:
        read(policy("a"), namespace="Shop")

    assert str(caught.value) == "'Shop' is no name of a namespace"


@pytest.mark.parametrize(
    ("text", "line", "column", "placeholder", "remedy"),
    [
        (policy("${app}"), 3, 1, "${app}", "flux build"),
        (policy("$(APP)"), 3, 12, "$(APP)", "envsubst"),
        (policy('"{{ .Values.name }}"'), 3, 12, "{{ .Values.name }}", "helm template"),
        (policy("<NAME>"), 3, 12, "<NAME>", "write what is meant"),
        (policy("__APP__"), 3, 12, "__APP__", "write what is meant"),
        (policy("$APP"), 3, 12, "$APP", "envsubst"),
        (policy("x").replace("198.51.100.7/32", "'${net:=10.0.0.0/8}'"), 7, 14,
         "${net:=10.0.0.0/8}", "envsubst"),
        (policy("x") + "---\n" + HELM, 9, 1, "{{- if .Values.enabled }}", "helm template"),
        (policy("x").replace("{name: x}", "\n  name: {{ .Release.Name }}"), 4, 1,
         "{{ .Release.Name }}", "helm template"),
        (policy("x").replace("{name: x}", "\n  name: #@ data.values.name"), 4, 1,
         "#@ data.values.name", "ytt"),
        (policy("x").replace("spec:", "{% if x %}\nspec:"), 4, 1, "{% if x %}", "by the program"),
    ],
)  # fmt: skip
def test_a_document_that_is_not_rendered_has_one_finding(
    text: str, line: int, column: int, placeholder: str, remedy: str
) -> None:
    (unrendered,) = read(text).unrendered

    with pytest.raises(Rejected) as caught:
        read(text).rendered()

    (problem,) = caught.value.problems
    assert unrendered.placeholder.text == placeholder
    assert (problem.at.line, problem.at.column) == (line, column)
    assert problem.id == "unrendered"
    assert problem.message == (
        f"{placeholder} is a placeholder, so this document is not what the cluster gets, and "
        "nothing else of it was looked at"
    )
    assert remedy in problem.help


@pytest.mark.parametrize(
    "text",
    [
        policy("a").replace("{name: a}", "{name: a, annotations: {note: 'for {{ x }} and <y>'}}"),
        policy("a").replace("spec:\n", "spec:\n  description: opens <this> for ${that}\n"),
        "# {{ a comment }} ${x}\n" + policy("a"),
        PROMETHEUS,
        policy("a").replace(
            "- toCIDR: [198.51.100.7/32]",
            "- toPorts: [{ports: [{port: '80'}], rules: {http: [{path: '/(?P<id>[0-9]+)$'}]}}]",
        ),
    ],
)
def test_text_for_people_and_other_kinds_may_hold_anything(text: str) -> None:
    given = read(text)

    assert given.unrendered == ()
    assert len(given.manifests) == 1


def test_the_other_documents_are_read_with_their_places() -> None:
    given = read(f"{HELM}---\n{policy('a')}")

    (manifest,) = given.manifests
    assert manifest.place("/spec/egress/0/toCIDR") == (13, 5)
    assert len(given.unrendered) == 1
    assert {each.manifest.index for each in given.unrendered} == {1}


def test_explain_takes_what_lint_takes(folder: Path) -> None:
    files = ("-f", ".", "-n", "shop", *ENGINE)

    linted = run(folder, "lint", *files)
    explained = run(folder, "explain", *files, *QUESTION)

    assert (linted.code, linted.err) == (0, "")
    assert "namespace-not-given" not in linted.out
    assert (explained.code, explained.err) == (0, "")
    assert "allow" in explained.out


def test_explain_judges_nothing_that_is_not_rendered(folder: Path) -> None:
    (folder / "a.yaml").write_text(policy("'${app}'"), "utf-8")

    ran = run(folder, "explain", "-f", "a.yaml", *ENGINE, *QUESTION)

    assert ran.code == 1
    assert ran.err == (
        "a.yaml:3:12: error: ${app} is a placeholder, so this document is not what the cluster "
        "gets, and nothing else of it was looked at (unrendered)\n"
        "  help: give what is rendered: flux build kustomization NAME --path DIR, or envsubst < "
        "FILE, with | transire ... -f - behind it\n"
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n---\n"])
def test_input_without_objects_is_not_clean(folder: Path, text: str) -> None:
    (folder / "a.yaml").write_text(text, "utf-8")

    ran = run(folder, "lint", "-f", "a.yaml", *ENGINE)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "a.yaml: warning: the input holds no object (no-policy)\n"
        "  help: give the files that hold the policies\n1 warning\n"
    )


def test_standard_input_is_given_once(folder: Path) -> None:
    ran = run(folder, "explain", "-f", "-", "--queries", "-", *ENGINE)

    assert ran.code == 2
    assert "standard input is either the manifests or the queries" in ran.err


def test_lint_of_what_is_not_rendered_is_not_clean(folder: Path) -> None:
    (folder / "a.yaml").write_text(f"{policy('a')}---\n{HELM}", "utf-8")

    ran = run(folder, "lint", "-f", "a.yaml", *ENGINE)

    assert ran.code == 3
    assert ran.out.splitlines()[-3] == (
        "a.yaml:9:1: error: {{- if .Values.enabled }} is a placeholder, so this document is not "
        "what the cluster gets, and nothing else of it was looked at (unrendered)"
    )
