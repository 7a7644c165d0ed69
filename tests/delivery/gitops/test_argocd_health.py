"""The health checks of Argo CD, run over every state that a policy can be in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from support import needs
from support.delivery.gitops_example import objects, organisation, pins
from transire.delivery.gitops.argocd.files import argocd_files
from transire.delivery.gitops.health import argocd_health
from transire.engines.cilium.facts import CLUSTERWIDE, POLICY

lupa = pytest.importorskip("lupa", reason=needs.LUA)

PREFIX = "resource.customizations.health."
NOW = 1_790_000_000
"""What the clock of the scripts shows, in seconds since 1970."""

SANDBOX = f"""
local sub, date, time, now = string.sub, os.date, os.time, {NOW}
package.loaded.os = {{
  time = function(at) return at == nil and now or time(at) end,
  -- As Argo CD's own: next to a time, `!` is dropped.
  date = function(format, at)
    if at ~= nil and sub(format, 1, 1) == "!" then format = sub(format, 2) end
    return date(format, at or now)
  end
}}
getmetatable("").__index = nil
string, io, debug, os = nil, nil, nil, nil
"""
"""What Argo CD gives a script: no string library, and of `os` only two functions by `require`.

The clock stands still, so that ages are exact.
"""

Check = Callable[[Mapping[str, Any]], dict[str, str]]


def check(kind: str) -> Check:
    """The check of that kind, run as Argo CD runs it."""
    script = argocd_health()[f"{PREFIX}{kind}"]

    def run(body: Mapping[str, Any]) -> dict[str, str]:
        lua = lupa.LuaRuntime(unpack_returned_tuples=True)
        lua.execute(SANDBOX)
        lua.globals().obj = lua.table_from(body, recursive=True)
        return dict(lua.execute(script))

    return run


@pytest.fixture(params=["UTC0", "JST-9", "PST8"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def policy(
    *, age: int = 3600, ours: bool = True, valid: str = "", message: str = "", other: str = ""
) -> dict[str, Any]:
    """A policy of that age in seconds, with a verdict or without."""
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - age))
    annotations = {"transire/source": "values/teams/payments.yaml#x"} if ours else {}
    body: dict[str, Any] = {
        "metadata": {"name": "x", "creationTimestamp": created, "annotations": annotations}
    }
    conditions = [{"type": other, "status": "True"}] if other else []
    if valid:
        verdict = {"type": "Valid", "status": valid}
        conditions.append({**verdict, "message": message} if message else verdict)
    if conditions:
        body["status"] = {"conditions": conditions}
    return body


@pytest.mark.parametrize("kind", [CLUSTERWIDE, POLICY])
@pytest.mark.parametrize("age", [0, 3600])
@pytest.mark.parametrize("ours", [True, False])
def test_a_policy_that_cilium_refuses_is_degraded(kind: str, age: int, ours: bool) -> None:
    body = policy(age=age, ours=ours, valid="False", message="rule 1: bad", other="Seen")

    assert check(f"cilium.io_{kind}")(body) == {"status": "Degraded", "message": "rule 1: bad"}


@pytest.mark.parametrize("kind", [CLUSTERWIDE, POLICY])
def test_a_policy_that_cilium_accepts_is_healthy(kind: str) -> None:
    body = policy(age=0, valid="True", message="Policy validation succeeded")

    assert check(f"cilium.io_{kind}")(body) == {
        "status": "Healthy",
        "message": "Policy validation succeeded",
    }


@pytest.mark.parametrize(
    ("valid", "expected"),
    [("True", "Cilium accepts the policy"), ("False", "Cilium refuses the policy")],
)
def test_a_verdict_without_words_gets_some(valid: str, expected: str) -> None:
    assert expected == check("cilium.io_CiliumNetworkPolicy")(policy(valid=valid))["message"]


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("valid", ["", "Unknown"])
def test_a_young_policy_without_a_verdict_waits_in_every_time_zone(ours: bool, valid: str) -> None:
    body = policy(age=119, ours=ours, valid=valid, other="Seen")

    assert check("cilium.io_CiliumNetworkPolicy")(body) == {
        "status": "Progressing",
        "message": "waiting for the verdict of Cilium's operator",
    }


@pytest.mark.usefixtures("zone")
def test_where_validation_is_off_a_proved_policy_does_not_wait_for_ever() -> None:
    assert check("cilium.io_CiliumNetworkPolicy")(policy(age=120)) == {
        "status": "Healthy",
        "message": "no verdict from Cilium; transire proved the policy before it was published",
    }


@pytest.mark.usefixtures("zone")
def test_where_validation_is_off_nothing_is_said_of_a_policy_that_is_not_ours() -> None:
    assert check("cilium.io_CiliumNetworkPolicy")(policy(age=120, ours=False)) == {
        "status": "Unknown",
        "message": "no verdict from Cilium, so nobody knows if it is valid",
    }


@pytest.mark.parametrize("body", [{}, {"metadata": {}}, {"status": {}, "metadata": {"name": "x"}}])
def test_an_object_that_says_nothing_of_itself_is_neither_healthy_nor_waited_for(
    body: dict[str, Any],
) -> None:
    assert check("cilium.io_CiliumNetworkPolicy")(body)["status"] == "Unknown"


def test_every_calico_object_is_healthy_because_calico_gives_no_verdict() -> None:
    kinds = [key.removeprefix(PREFIX) for key in argocd_health() if "projectcalico" in key]

    assert len(kinds) == 7
    assert {"Healthy"} == {check(kind)(policy())["status"] for kind in kinds}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, {"status": "Progressing", "message": "not compared with the cluster yet"}),
        (
            {"status": {"sync": {"status": "Unknown"}}},
            {"status": "Progressing", "message": "not compared with the cluster yet"},
        ),
        ({"status": {"health": {"status": "Healthy"}}}, {"status": "Healthy", "message": ""}),
        (
            {"status": {"health": {"status": "Degraded", "message": "x"}}},
            {"status": "Degraded", "message": "x"},
        ),
    ],
)
def test_an_application_is_as_healthy_as_it_says(
    status: dict[str, Any], expected: dict[str, str]
) -> None:
    assert expected == check("argoproj.io_Application")(status)


def test_the_checks_are_the_settings_that_are_merged_into_argocd_cm() -> None:
    of = organisation()
    settings = objects(argocd_files(of, pins(of)), "ConfigMap")["argocd-cm"]

    assert dict(argocd_health()) == settings["data"]
    assert settings["metadata"]["labels"]["app.kubernetes.io/part-of"] == "argocd"


def test_every_kind_that_is_published_to_cilium_and_calico_has_a_check() -> None:
    of = organisation()
    listed = [
        f"{each['group']}_{each['kind']}"
        for project in objects(argocd_files(of, pins(of)), "AppProject").values()
        if project["metadata"]["name"] != "tenant-example"
        for key in ("namespaceResourceWhitelist", "clusterResourceWhitelist")
        for each in project["spec"].get(key, [])
        if each["group"] in {"cilium.io", "projectcalico.org"}
    ]

    assert listed
    assert {f"{PREFIX}{each}" for each in listed} < set(argocd_health())
