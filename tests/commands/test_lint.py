"""`transire lint` as a person and as a script runs it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from support.policy_repository import run

BLOG = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: blog, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  egress:
  - toFQDNs: [{matchName: api.stripe.com}]
  - toPorts: [{ports: [{port: "443", protocol: TCP}]}]
  - toEndpoints: [{matchLabels: {k8s-app: kube-dns}}]
    toPorts: [{ports: [{port: "53", protocol: UDP}]}]
"""


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    (tmp_path / "blog.yaml").write_text(BLOG, encoding="utf-8")
    return tmp_path


def test_a_policy_copied_from_a_blog_is_told_what_it_really_does(blog: Path) -> None:
    ran = run(blog, "lint", "-f", "blog.yaml", "--engine", "cilium@1.19")

    assert (ran.code, ran.err) == (1, "")
    assert (
        "blog.yaml:8:5: error: CiliumNetworkPolicy shop/blog /spec/egress/1: this item opens "
        "443/TCP to every destination, and /spec/egress/0 opens any port to api.stripe.com, since "
        "items of a list mean either (peer-and-ports-apart)\n"
        "  help: write the destinations and the ports in one item\n"
    ) in ran.out
    assert ran.out.endswith("3 errors, 1 warning\n")


def test_json_keeps_its_schema(blog: Path) -> None:
    ran = run(blog, "lint", "-f", "blog.yaml", "--engine", "cilium@1.19", "--format", "json")

    schema = files("transire.review.lint").joinpath("lint.schema.json").read_text("utf-8")
    answer = json.loads(ran.out)
    jsonschema.Draft7Validator(json.loads(schema)).validate(answer)
    assert [each["rule"] for each in answer["findings"]] == [
        "fqdn-without-dns",
        "peer-and-ports-apart",
        "dns-over-one-protocol",
        "dns-in-own-namespace",
    ]


@pytest.mark.parametrize("form", ["github", "sarif", "junit"])
def test_other_formats_name_the_file_and_the_rule(blog: Path, form: str) -> None:
    ran = run(blog, "lint", "-f", "blog.yaml", "--engine", "cilium@1.19", "--format", form)

    assert ran.code == 1
    assert "blog.yaml" in ran.out
    assert "peer-and-ports-apart" in ran.out


def test_a_clean_policy_ends_with_0(blog: Path) -> None:
    policy = BLOG.replace("k8s-app: kube-dns", '"k8s:io.kubernetes.pod.namespace": other')
    policy = policy.replace("  - toFQDNs: [{matchName: api.stripe.com}]\n", "")
    policy = policy.replace('  - toPorts: [{ports: [{port: "443", protocol: TCP}]}]\n', "")
    policy = policy.replace('port: "53", protocol: UDP', 'port: "8080", protocol: TCP')
    (blog / "blog.yaml").write_text(policy, encoding="utf-8")

    ran = run(blog, "lint", "-f", "blog.yaml", "--engine", "cilium@1.19")

    assert (ran.code, ran.out.splitlines()[-1]) == (0, "1 note"), ran.out


def test_lint_without_an_engine_is_a_usage_error(blog: Path) -> None:
    ran = run(blog, "lint", "-f", "blog.yaml")

    assert ran.code == 2
    assert "name --engine NAME[@VERSION], or --cluster NAME\n" in ran.err


NAMESPACE_BY_NAME = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: to-bank, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to: [{namespaceSelector: {matchLabels: {name: bank}}}]
    ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
"""


@pytest.mark.slow("long runs in a repository")
def test_what_the_cluster_has_is_known(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(NAMESPACE_BY_NAME, encoding="utf-8")
    cluster = {"namespace_labels": {"bank": {"name": "bank"}}}
    (tmp_path / "cluster.json").write_text(json.dumps(cluster), encoding="utf-8")
    command = ("lint", "-f", "policy.yaml", "--engine", "kubernetes")

    alone = run(tmp_path, *command)
    known = run(tmp_path, *command, "--cluster", "cluster.json")

    assert "guessed-namespace-label" in alone.out
    assert (known.code, known.out) == (0, "no findings\n")


def test_a_cluster_file_with_mistakes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(NAMESPACE_BY_NAME, encoding="utf-8")
    (tmp_path / "cluster.json").write_text('{"pod": []}', encoding="utf-8")
    command = ("lint", "-f", "policy.yaml", "--engine", "kubernetes", "--cluster", "cluster.json")

    ran = run(tmp_path, *command)

    assert ran.code == 1
    assert "cluster.json: error: " in ran.err
