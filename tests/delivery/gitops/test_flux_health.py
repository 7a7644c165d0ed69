"""The health checks of Flux, run over every state that a policy can be in."""

from __future__ import annotations

from typing import Any

import pytest

from support import needs
from support.delivery.gitops_example import cluster, objects, organisation, pins, team, with_agent
from transire.delivery.gitops.flux.files import flux_files
from transire.engines.cilium.health import CURRENT, FAILED
from transire.model.intent import Organisation

celpy = pytest.importorskip("celpy", reason=needs.CEL)


def holds(expression: str, body: dict[str, Any]) -> bool:
    """Whether the expression is true; Flux takes one that fails, as on no status, for not yet."""
    environment = celpy.Environment()
    program = environment.program(environment.compile(expression))
    try:
        return bool(program.evaluate({key: celpy.json_to_cel(body[key]) for key in body}))
    except celpy.CELEvalError:
        return False


def with_verdict(*statuses: str) -> dict[str, Any]:
    conditions = [{"type": "Valid", "status": each} for each in statuses]
    return {"status": {"conditions": [{"type": "Seen", "status": "True"}, *conditions]}}


@pytest.mark.parametrize(
    ("body", "failed", "current"),
    [
        (with_verdict("True"), False, True),
        (with_verdict("False"), True, False),
        (with_verdict("Unknown"), False, False),
        (with_verdict(), False, False),
        ({"status": {}}, False, False),
        ({"metadata": {}}, False, False),
    ],
)
def test_a_policy_has_failed_or_is_current_only_when_cilium_says_so(
    body: dict[str, Any], failed: bool, current: bool
) -> None:
    assert (holds(FAILED, body), holds(CURRENT, body)) == (failed, current)


def checks(of: Organisation, release: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = objects(flux_files(of, pins(of)), "HelmRelease")[release][
        "spec"
    ].get("healthCheckExprs", [])
    return found


def one(engine: str, version: str) -> Organisation:
    return organisation(
        clusters=(cluster("c", engine, version, "flux"),), teams=(team("t", "n.c"),)
    )


def test_a_release_checks_the_kind_that_it_holds() -> None:
    of = one("cilium", "1.16")

    assert checks(of, "egress-t-n-c") == [
        {
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumNetworkPolicy",
            "failed": FAILED,
            "current": CURRENT,
        }
    ]
    assert [each["kind"] for each in checks(of, "egress-baseline-c")] == [
        "CiliumClusterwideNetworkPolicy"
    ]


@pytest.mark.parametrize(
    "of",
    [
        one("cilium", "1.15"),
        with_agent(one("cilium", "1.19"), validate_network_policy="false"),
        one("calico", "3.31"),
        one("kubernetes", ""),
    ],
)
def test_where_no_verdict_ever_comes_no_release_waits_for_one(of: Organisation) -> None:
    assert checks(of, "egress-t-n-c") == []
    assert checks(of, "egress-baseline-c") == []


def test_other_agent_flags_change_nothing() -> None:
    of = with_agent(one("cilium", "1.19"), enable_ipv6="false", validate_network_policy="true")

    assert len(checks(of, "egress-t-n-c")) == 1
