"""Drawn policies come through `import`: nothing is opened but the way to the resolvers."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from support.draw.strategies_policies import NAMESPACES, worlds
from support.engines.cilium_policies import policies
from transire.api import import_policies
from transire.commands.importing.results import ImportedPolicies
from transire.k8s.json_pointer import plain
from transire.k8s.manifests import Manifest
from transire.model.problems import UsageError
from transire.review.diff.grants import Grant, GrantKind

pytestmark = pytest.mark.slow("charts are rendered for each drawn cluster")

EXAMPLES = 6
Tree = Mapping[str, Any]


def imported(bodies: Iterable[Tree], engine: str) -> ImportedPolicies | None:
    """What becomes of some objects; None where they hold no policy."""
    spaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        for name, labels in NAMESPACES.items()
    ]
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "policies.yaml"
        everything = [plain(each) for each in (*bodies, *spaces)]
        path.write_text(yaml.safe_dump_all(everything), encoding="utf-8")
        try:
            return import_policies(name, path, engine=engine)
        except UsageError as error:
            if str(error) != "there is no network policy in the input":
                raise
            return None


def is_dns(grant: Grant) -> bool:
    """Whether a line is about the way to the resolvers, or the names that are queried there."""
    if grant.kind is GrantKind.DNS:
        return True
    ports = {each.strip() for each in grant.ports.split(",")}
    return ports <= {"53/TCP", "53/UDP"} and grant.kind is GrantKind.IN_CLUSTER


def check(found: ImportedPolicies | None, counts: Counter[str]) -> None:
    """Nothing opens but what the DNS profile has, and whatever closes has an entry."""
    for each in found.namespaces if found else ():
        counts["judged" if not each.unjudged else "unjudged"] += 1
        counts["rules"] += len(each.rules)
        gains = each.change.gains if each.change else ()
        assert [grant for grant in gains if not is_dns(grant)] == []
        told = any(lost.namespace == each.name for lost in found.left_out) if found else False
        assert told or each.unlimited or not (each.change and each.change.losses)


def test_nothing_opens_that_calico_did_not_allow() -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(worlds())
    def drawn(manifests: list[Manifest]) -> None:
        check(imported((each.body for each in manifests), "calico@3.30"), counts)

    drawn()

    assert counts["judged"] > 2 * counts["unjudged"]
    assert counts["rules"] >= EXAMPLES // 2


def test_nothing_opens_that_cilium_did_not_allow() -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(policies())
    def drawn(bodies: list[Tree]) -> None:
        check(imported(bodies, "cilium@1.19"), counts)

    drawn()

    assert counts["judged"] > 2 * counts["unjudged"]
    assert counts["rules"] >= EXAMPLES // 2
