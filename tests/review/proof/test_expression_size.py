"""The list of namespaces in the admission policy, at the bound of what an API server takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.charts.rendering import objects
from support.delivery.gitops_example import cluster
from support.policy_repository import copy_example, run
from transire.k8s.manifests import Manifest
from transire.model.accounts import USERS
from transire.review.proof.expression_size import LIMIT, long_expressions

TOO_LONG = (
    "values/platform.yaml:8:3: error: the namespaces enrolled on 'eu' make an expression of the "
    "admission policy 100001 characters long, and the API server takes 100000 (admission-too-long)\n"
    "  help: move namespaces to another cluster, or keep policy kinds from tenants by roles and "
    "projects in place of admission: true"
)


def rendered(namespaces: list[str]) -> list[Manifest]:
    """What the baseline renders with its admission policy for these namespaces."""
    values: Mapping[str, Any] = {
        "engine": "cilium",
        "enforce": {"namespaces": namespaces, "rules": [], "sets": []},
        "admission": {"enabled": True, "serviceAccounts": list(USERS)},
    }
    return [
        Manifest(source="charts/egress-baseline", index=index, body=body)
        for index, body in enumerate(objects("egress-baseline", values))
    ]


def length(found: list[Manifest]) -> int:
    """The characters of the condition that lists the namespaces."""
    (policy,) = [each for each in found if each.ref.kind == "ValidatingAdmissionPolicy"]
    conditions = {e["name"]: e["expression"] for e in policy.body["spec"]["matchConditions"]}
    return len(conditions["cluster-wide-or-enrolled"])


def up_to(characters: int) -> list[str]:
    """Namespaces that make the longest expression exactly so many characters long."""
    room = characters - (length(rendered(["a"])) - len('["a"]')) - len("[]") + len(",")
    each = len('"namespace-00000",')
    count = room // each - 1
    names = [f"namespace-{number:05}" for number in range(count)]
    return [*names, "z" * (room - count * each - len('"",'))]


@pytest.mark.parametrize("characters", [LIMIT, LIMIT + 1])
def test_the_bound_is_what_the_server_takes(characters: int) -> None:
    found = rendered(up_to(characters))

    problems = list(long_expressions(cluster("eu", "cilium", "1.19", "flux", 8), found))

    assert length(found) == characters
    assert [str(each) for each in problems] == [TOO_LONG] * (characters > LIMIT)


@pytest.mark.slow("four thousand namespaces are rendered and proved")
def test_generate_writes_nothing_and_ends_with_a_finding(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    copy_example(root)
    for path in [*(root / "values/teams").glob("*.yaml"), root / "values/exceptions.yaml"]:
        path.unlink()
    platform = root / "values/platform.yaml"
    text = platform.read_text("utf-8")
    start, first = text.index("  prod-eu:\n"), text.index("  prod-us:\n")
    second, rest = text.index("  prod-onprem:\n"), text.index("enrol: [batch]")
    names = ", ".join(f"namespace-number-{number:05}" for number in range(4200))
    settings = text[rest:].replace("[batch]", f"[{names}]")
    platform.write_text(f"{text[:start]}{text[first:second]}admission: true\n{settings}", "utf-8")
    before = sorted(root.rglob("*"))

    done = run(root, "generate")

    assert done.code == 1
    assert "characters long, and the API server takes 100000 (admission-too-long)" in done.err
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize(
    "spec",
    [None, [], ["a"], {"validations": "a"}, {"variables": ["a", {}, {"expression": 1}]}],
    ids=str,
)
def test_what_is_no_expression_has_no_length(spec: object) -> None:
    (policy,) = [e for e in rendered(["a"]) if e.ref.kind == "ValidatingAdmissionPolicy"]
    bent = replace(policy, body={**policy.body, "spec": spec})

    assert list(long_expressions(cluster("eu", "cilium", "1.19", "flux", 8), [bent])) == []
