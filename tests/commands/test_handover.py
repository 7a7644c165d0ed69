"""`transire handover`: what the policies of a target leave to something else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from support.paths import ROOT
from support.points.mesh_objects import entry, istio
from support.policy_repository import run
from transire import api
from transire.meaning.hosts import matches
from transire.model.http import PathPattern
from transire.model.names import HostPattern
from transire.points.istio.facts import SIDECAR_CAVEAT
from transire.review.handover.handover import host_expression, path_expression

LEDGER = """\
ledger.staging (calico@3.30, enforce)

at proxy egress-proxy/app=squid:3128, which nothing here proves: 2 hosts
  rule            pods       host                                    ports    requests
  exchange-rates  every pod  rates.example.org                       443/TCP  any
  exchange-rates  every pod  bücher.example (xn--bcher-kva.example)  443/TCP  any

deny all else; * is one label and ** one or more, neither holds the domain itself; case does not count
no name may lead into the cluster: 10.3.0.0/16, 10.99.0.0/16, 192.168.40.0/24
no name may lead to where clouds hand out credentials: denied of --format json has all
"""
NAMES = st.lists(st.sampled_from(("a", "b", "example", "s3-x", "com")), min_size=1, max_size=5)


def test_a_target_lists_what_its_policies_leave_to_the_proxy() -> None:
    ran = run(ROOT, "handover", "ledger.staging")

    assert (ran.code, ran.out) == (0, LEDGER)


def test_the_page_shows_what_is_printed() -> None:
    page = (ROOT / "docs" / "handover.md").read_text("utf-8")

    assert f"```text\n{LEDGER}```\n" in page


def test_an_engine_with_names_leaves_nothing_to_others() -> None:
    ran = run(ROOT, "handover", "ledger.prod-eu")

    assert ran.out == (
        "ledger.prod-eu (cilium@1.19, enforce)\n"
        "nothing is left to others: the policies decide about every host of its rules\n"
    )


def test_all_lists_what_the_policies_decide_too() -> None:
    ran = run(ROOT, "handover", "ledger.prod-eu", "--all")

    assert ran.out.splitlines()[2:7] == [
        "by the policies, which are proved: 4 hosts",
        "  rule                 pods                      host                                    ports     requests",
        "  archive              app=ledger,role=archiver  archive.books.example.org               5432/TCP  any",
        "  exchange-rates       every pod                 rates.example.org                       443/TCP   any",
        "  exchange-rates       every pod                 bücher.example (xn--bcher-kva.example)  443/TCP   any",
    ]


def test_a_namespace_without_a_team_has_what_is_for_everyone() -> None:
    found = api.handover("batch.prod-eu", root=ROOT, everything=True)

    assert [(each.rule.name, each.shared) for each in found.items] == [("time", True)]
    assert api.handover("batch.edge", root=ROOT, everything=True).items == ()


def test_the_document_has_patterns_and_ranges_in_notations_that_leave_nothing_to_guess() -> None:
    found = json.loads(run(ROOT, "handover", "ledger.staging", "--format", "json").out)

    assert (found["unproved"], found["everything"]) == (2, False)
    assert found["items"][0]["hostExpression"] == r"^rates\.example\.org$"
    assert {"10.3.0.0/16", "169.254.169.254/32"} <= set(found["denied"])


def test_a_target_that_there_is_not_is_named() -> None:
    ran = run(ROOT, "handover", "ledger.nowhere")

    assert ran.code == 2
    assert ran.err.startswith(
        "there is no target 'ledger.nowhere'; the targets are analytics.prod-onprem, "
    )


@given(NAMES, st.sampled_from(("*.example.com", "**.example.com", "s3-*.com", "a.b", "**.a.b")))
def test_the_expression_of_a_host_matches_what_the_pattern_stands_for(
    labels: list[str], written: str
) -> None:
    pattern, name = HostPattern.parse(written), ".".join(labels)

    assert bool(re.match(host_expression(pattern), name)) is matches(pattern, name)


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        ("/v1/items", ["/v1/items"], ["/v1/items/", "/v1/item", "/x/v1/items"]),
        ("/v1/*/x", ["/v1/a/x"], ["/v1//x", "/v1/a/b/x", "/v1/x"]),
        ("/v1/**", ["/v1/", "/v1/a/b"], ["/v1", "/v10"]),
        ("/a.b", ["/a.b"], ["/aXb"]),
    ],
)
def test_the_expression_of_a_path_matches_what_the_pattern_stands_for(
    written: str, inside: list[str], outside: list[str]
) -> None:
    expression = path_expression(PathPattern.parse(written))

    assert [each for each in inside if re.match(expression, each) is None] == []
    assert [each for each in outside if re.match(expression, each)] == []


def test_objects_of_a_mesh_are_printed_with_what_to_know_in_front() -> None:
    ran = run(ROOT, "handover", "ledger.staging", "--as", "istio-sidecar")

    assert ran.code == 0
    assert ran.out.splitlines()[:2] == [
        "# istio-sidecar for ledger.staging, proved to mean what its values do",
        f"# {SIDECAR_CAVEAT}",
    ]
    bodies = list(yaml.safe_load_all(ran.out))
    assert [(each["kind"], each["spec"].get("hosts")) for each in bodies] == [
        ("Sidecar", None),
        ("ServiceEntry", ["rates.example.org"]),
        ("ServiceEntry", ["xn--bcher-kva.example"]),
    ]


def test_what_a_mesh_does_not_see_is_named() -> None:
    found = api.handover_mesh("batch.prod-eu", "istio-ambient", root=ROOT)

    assert found.left == ("time on 123/UDP",)
    assert "# left to the policies of the cluster: time on 123/UDP\n" in found.text


def test_what_a_mesh_cannot_have_is_refused_where_it_is_written() -> None:
    ran = run(ROOT, "handover", "ledger.prod-onprem", "--as", "istio-gateway")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "values/teams/ledger.yaml:9:5: error: archive: port 5432 is not led through an egress "
        "gateway, which has TLS on 443 alone (istio-gateway-port)\n"
        "  help: use mode ambient, or sidecar with the CNI policy beside it\n"
        "values/teams/ledger.yaml:9:5: error: rule archive is for app=ledger,role=archiver, and "
        "istio-gateway tells namespaces apart (mesh-pods)\n"
        "  help: let the rule hold for every pod, or give those pods a namespace of their own\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--as", "consul"),
            "'consul' is no mesh; known are istio-ambient, istio-gateway, istio-sidecar, linkerd\n",
        ),
        (
            ("-f", "-"),
            "-f are objects of a mesh; name it with --as\n",
        ),
        (
            ("--as", "istio-ambient", "--all"),
            "--as is about objects; leave --all and --format out\n",
        ),
    ],
)
def test_a_mesh_that_is_not_known_is_refused(words: tuple[str, ...], message: str) -> None:
    ran = run(ROOT, "handover", "ledger.staging", *words)

    assert (ran.code, ran.err) == (2, message)


def held(folder: Path, *besides: dict[str, Any]) -> tuple[int, str]:
    """What is found of the objects of ledger on staging, with others beside them."""
    written = run(ROOT, "handover", "ledger.staging", "--as", "istio-sidecar").out
    file = folder / "mesh.yaml"
    file.write_text("---\n".join([written, *map(yaml.safe_dump, besides)]), "utf-8")
    ran = run(ROOT, "handover", "ledger.staging", "--as", "istio-sidecar", "-f", str(file))
    return ran.code, ran.out.replace(str(file), "mesh.yaml")


def test_objects_that_are_ours_mean_what_the_values_do(tmp_path: Path) -> None:
    foreign = entry("x.example.net", "TCP 443", resolution="NONE", exportTo=["*"])

    same = (0, "istio-sidecar for ledger.staging: the objects mean what its values do\n")
    assert held(tmp_path) == same
    assert held(tmp_path, foreign) == same


def test_objects_beside_ours_are_differences_or_keep_it_from_being_judged(tmp_path: Path) -> None:
    other = entry("evil.example.net", namespace="ledger")
    everything = istio(
        "Sidecar", "another", namespace="ledger", egress=[{"hosts": ["*/*"]}],
        workloadSelector={"labels": {"app": "web"}},
    )  # fmt: skip
    refused = entry("*", name="bad", namespace="ledger")

    assert held(tmp_path, other) == (
        1,
        "ledger lets CONNECT evil.example.net:443 through, which is not meant\n",
    )
    assert held(tmp_path, everything) == (
        1,
        (
            "ledger: it cannot be judged: Sidecar ledger/another: /spec/workloadSelector: a Sidecar "
            "for some pods of a namespace is not modelled as a set\n"
        ),
    )
    assert held(tmp_path, istio("EnvoyFilter", "any", namespace="ledger")) == (
        1,
        "ledger: it cannot be judged: EnvoyFilter ledger/any: /kind: EnvoyFilter is not modelled\n",
    )
    assert held(tmp_path, refused) == (
        0,
        (
            "istio-sidecar for ledger.staging: the objects mean what its values do\n"
            "no cluster takes mesh.yaml: ServiceEntry ledger/bad: /spec/hosts/0 is '*', which no entry "
            "may have\n"
        ),
    )
