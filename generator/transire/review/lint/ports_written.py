"""Every port as it is written, whatever it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transire.engines.api.policy_view import Family
from transire.engines.cilium.lint_view import specs_of
from transire.k8s.json_pointer import Place, inner, items, maps, number
from transire.k8s.manifests import Manifest, Tree
from transire.k8s.typed_decoding import pointer
from transire.review.lint.context import LintContext

_CILIUM_SECTIONS = ("egress", "egressDeny", "ingress", "ingressDeny")
_SECTIONS = ("egress", "ingress")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPort:
    """One port; `end` is its `endPort`, where one is given."""

    manifest: Manifest
    family: Family
    at: str
    value: object
    end: int | None = None


def ports_written(review: LintContext) -> Iterator[WrittenPort]:
    """The ports of every rule of every object, in both directions."""
    for manifest, tree in review.of_family(Family.CILIUM):
        for at, group in port_groups(manifest, tree):
            yield from _ports(manifest, Family.CILIUM, group, at)
    for manifest, tree in review.of_family(Family.KUBERNETES):
        for section in _SECTIONS:
            for at, rule in maps(inner(tree, "spec"), section, "/spec"):
                yield from _ports(manifest, Family.KUBERNETES, rule, at)
    for manifest, tree in review.of_family(Family.CALICO):
        for section in _SECTIONS:
            for at, rule in maps(inner(tree, "spec"), section, "/spec"):
                yield from _entities(manifest, rule, at)


def port_groups(manifest: Manifest, tree: Tree) -> Iterator[Place]:
    """The items of `toPorts` of a Cilium policy, in both directions, deny rules included."""
    for at, spec in specs_of(manifest, tree):
        for section in _CILIUM_SECTIONS:
            for rule_at, rule in maps(spec, section, at):
                yield from maps(rule, "toPorts", rule_at)


def _ports(manifest: Manifest, family: Family, holder: Tree, at: str) -> Iterator[WrittenPort]:
    for here, each in maps(holder, "ports", at):
        if "port" in each:
            yield WrittenPort(
                manifest=manifest,
                family=family,
                at=f"{here}/port",
                value=each["port"],
                end=number(each, "endPort"),
            )


def _entities(manifest: Manifest, rule: Tree, at: str) -> Iterator[WrittenPort]:
    for side in ("source", "destination"):
        for key in ("ports", "notPorts"):
            for place, value in enumerate(items(inner(rule, side), key)):
                yield WrittenPort(
                    manifest=manifest,
                    family=Family.CALICO,
                    at=f"{at}/{side}{pointer(key, place)}",
                    value=value,
                )
