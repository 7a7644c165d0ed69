"""The admission policy's expressions, run by a second reader of CEL where no API server is."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from support import needs
from support.charts.rendering import objects

celpy = pytest.importorskip("celpy", reason=needs.CEL)

Tree = Mapping[str, Any]

_SYSTEM = "system:serviceaccount:kube-system:"
PUBLISHER = "system:serviceaccount:egress-system:egress-applier"
COLLECTOR = _SYSTEM + "generic-garbage-collector"
SERVER = "system:serviceaccount:calico-system:calico-apiserver"
NODE = "system:serviceaccount:calico-system:calico-node"

PASSES, IGNORED = "passes", "ignored"
REFUSED = "egress policies of enrolled namespaces are published from Git; change the values there"
LIES = (
    "egress policies select namespaces by the labels kubernetes.io/metadata.name and "
    "projectcalico.org/name; both hold the namespace's own name"
)
HELD: Tree = {
    "metadata": {"name": "a", "labels": {"a": "b"}, "finalizers": ["foregroundDeletion"]},
    "spec": {"podSelector": {}},
}


def _with(**changes: Any) -> Tree:  # noqa: ANN401 - parts of an object
    return {**HELD, **changes}


def _metadata(**changes: Any) -> Tree:  # noqa: ANN401
    return _with(metadata={**HELD["metadata"], **changes})


def _labelled(**labels: str) -> Tree:
    return _metadata(labels={key.replace("_", "/"): value for key, value in labels.items()})


@cache
def _policy() -> Tree:
    values = {
        "engine": "calico",
        "tier": {"name": "egress"},
        "enforce": {"namespaces": ["batch"], "rules": [], "sets": []},
        "admission": {"enabled": True, "serviceAccounts": [PUBLISHER]},
    }
    (found,) = [
        each
        for each in objects("egress-baseline", values)
        if each["kind"] == "ValidatingAdmissionPolicy"
    ]
    spec: Tree = found["spec"]
    return spec


def _expression(text: str) -> str:
    """The expression with every variable written out: a variable is read only where it counts."""
    variables = {each["name"]: each["expression"] for each in _policy()["variables"]}
    while (name := re.search(r"variables\.(\w+)", text)) is not None:
        text = text.replace(name[0], f"({variables[name[1]]})")
    return text


@cache
def _program(expression: str) -> Any:  # noqa: ANN401 - cel-python has no types
    limit = sys.getrecursionlimit()
    try:
        environment = celpy.Environment()
        return environment.program(environment.compile(_expression(expression)))
    finally:
        sys.setrecursionlimit(limit)


def _holds(expression: str, request: Tree, new: Tree | None, old: Tree | None) -> bool:
    """Missing objects are empty here: cel-python reads both sides of `&&`, and trips over null."""
    given = {"request": request, "object": new or {}, "oldObject": old or {}}
    return bool(_program(expression).evaluate({k: celpy.json_to_cel(v) for k, v in given.items()}))


def _judged(
    user: str,
    operation: str,
    *,
    new: Tree | None = HELD,
    old: Tree | None = HELD,
    resource: str = "networkpolicies.networking.k8s.io",
    namespace: str = "batch",
    dry_run: bool = False,
) -> str:
    """What comes of a request, or that the policy does not look at it."""
    name, _, group = resource.partition(".")
    request = {
        "operation": operation,
        "namespace": namespace,
        "resource": {"group": group, "resource": name, "version": "v1"},
        "userInfo": {"username": user},
        "dryRun": dry_run,
    }
    given = (
        request,
        None if operation == "DELETE" else new,
        None if operation == "CREATE" else old,
    )
    if not all(_holds(each["expression"], *given) for each in _policy()["matchConditions"]):
        return IGNORED
    for each in _policy()["validations"]:
        if not _holds(each["expression"], *given):
            message: str = each["message"]
            return message
    return PASSES


@pytest.mark.slow("many expressions are evaluated")
def test_a_team_is_refused_in_its_enrolled_namespace_and_nowhere_else() -> None:
    assert _judged("team", "CREATE") == REFUSED
    assert _judged("team", "UPDATE", new=_with(spec={})) == REFUSED
    assert _judged("team", "DELETE") == REFUSED
    assert _judged("team", "CREATE", namespace="elsewhere") == IGNORED
    assert _judged("team", "CREATE", namespace="", resource="tiers.projectcalico.org") == REFUSED


def test_the_publisher_writes() -> None:
    for operation in ("CREATE", "UPDATE", "DELETE"):
        assert _judged(PUBLISHER, operation) == PASSES


def test_a_dry_run_is_not_looked_at() -> None:
    for operation in ("CREATE", "UPDATE", "DELETE"):
        assert _judged("team", operation, dry_run=True) == IGNORED


@pytest.mark.parametrize(
    "new",
    [
        HELD,
        _metadata(finalizers=[]),
        _metadata(ownerReferences=[{"name": "x"}]),
        {**HELD, "metadata": {"name": "a", "labels": {"a": "b"}}},
    ],
)
def test_a_cleaner_changes_owners_and_finalizers(new: Tree) -> None:
    assert _judged(COLLECTOR, "UPDATE", new=new) == PASSES
    assert _judged("team", "UPDATE", new=new) == REFUSED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (HELD, _with(spec={"podSelector": {"matchLabels": {"a": "b"}}})),
        (HELD, _with(specs=[{}])),
        (_with(specs=[{}]), HELD),
        (HELD, {"metadata": HELD["metadata"]}),
        (HELD, _labelled(a="c")),
        (HELD, _labelled(a="b", c="d")),
        (HELD, _metadata(annotations={"a": "b"})),
        (_metadata(annotations={"a": "b"}), HELD),
        (HELD, {**HELD, "metadata": {"name": "a"}}),
    ],
)
def test_a_cleaner_changes_nothing_else(old: Tree, new: Tree) -> None:
    assert _judged(COLLECTOR, "UPDATE", new=new, old=old) == REFUSED
    assert _judged(PUBLISHER, "UPDATE", new=new, old=old) == PASSES


def test_a_cleaner_deletes_and_does_not_create() -> None:
    assert _judged(COLLECTOR, "DELETE") == PASSES
    assert _judged(COLLECTOR, "CREATE") == REFUSED


def test_calicos_server_writes_its_storage_alone_and_its_nodes_make_tiers_alone() -> None:
    stored, served = "networkpolicies.crd.projectcalico.org", "networkpolicies.projectcalico.org"

    assert _judged(SERVER, "UPDATE", resource=stored) == PASSES
    assert _judged(SERVER, "UPDATE", resource=served) == REFUSED
    assert _judged("team", "UPDATE", resource=stored) == REFUSED
    tiers = "tiers.crd.projectcalico.org"
    assert _judged(NODE, "CREATE", resource=tiers, namespace="") == PASSES
    assert _judged(NODE, "UPDATE", resource=tiers, namespace="") == REFUSED
    assert _judged(NODE, "CREATE", resource=stored) == REFUSED


def test_settings_of_agents_are_judged_in_every_namespace() -> None:
    settings = "ciliumnodeconfigs.cilium.io"

    assert _judged("team", "CREATE", resource=settings, namespace="kube-system") == REFUSED
    assert _judged(PUBLISHER, "CREATE", resource=settings, namespace="kube-system") == PASSES


@pytest.mark.parametrize("group", ["projectcalico.org", "crd.projectcalico.org"])
def test_calicos_nodes_make_the_pools_and_settings_that_they_start_with(group: str) -> None:
    pools, settings = f"ippools.{group}", f"felixconfigurations.{group}"

    for resource in (pools, settings):
        assert _judged("team", "UPDATE", resource=resource, namespace="") == REFUSED
        assert _judged(NODE, "CREATE", resource=resource, namespace="") == PASSES
        assert _judged(NODE, "DELETE", resource=resource, namespace="") == REFUSED
    assert _judged(NODE, "UPDATE", resource=settings, namespace="") == PASSES
    assert _judged(NODE, "UPDATE", resource=pools, namespace="") == REFUSED


def test_a_global_set_counts_where_a_rule_of_ours_finds_it() -> None:
    served, stored = (
        "globalnetworksets.projectcalico.org",
        "globalnetworksets.crd.projectcalico.org",
    )
    ours = _labelled(transire_set="baseline-time")

    assert _judged("team", "CREATE", resource=served, namespace="") == IGNORED
    assert _judged("team", "CREATE", new=ours, resource=served, namespace="") == REFUSED
    assert _judged("team", "UPDATE", old=ours, resource=served, namespace="") == REFUSED
    assert _judged("team", "UPDATE", new=ours, resource=served, namespace="") == REFUSED
    assert _judged("team", "DELETE", old=ours, resource=served, namespace="") == REFUSED
    assert _judged("team", "CREATE", resource=stored, namespace="") == REFUSED


@pytest.mark.parametrize("key", ["kubernetes.io_metadata.name", "projectcalico.org_name"])
def test_a_namespace_is_labelled_with_no_other_name(key: str) -> None:
    lie, truth = _labelled(**{key: "other"}), _labelled(**{key: "a"})
    still = _labelled(**{key: "other", "team": "x"})

    def judged(operation: str, old: Tree, new: Tree, user: str = "team") -> str:
        return _judged(user, operation, new=new, old=old, resource="namespaces.", namespace="a")

    assert judged("CREATE", HELD, lie) == LIES
    assert judged("CREATE", HELD, truth) == PASSES
    assert judged("CREATE", HELD, {"metadata": {"name": "a"}}) == PASSES
    assert judged("UPDATE", HELD, lie) == LIES
    assert judged("UPDATE", truth, lie, PUBLISHER) == LIES
    assert judged("UPDATE", lie, still) == PASSES
    assert judged("UPDATE", lie, truth) == PASSES
