"""What the policies of a target leave to something else: hosts, ports and requests, by rule.

An API gateway, a proxy or a filter in a mesh that is configured by hand is proved by nobody here.
So everything that it has to hold is put in one place, with patterns in a notation that leaves
nothing to guess: a star means one label here, and any depth in many a proxy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transire.engines.registry import engine_of
from transire.meaning.premises.metadata_services import METADATA
from transire.meaning.target import Delegated, Target, baseline_of
from transire.model.http import BELOW, ONE_SEGMENT, PathPattern
from transire.model.intent import Host, Organisation, Rule
from transire.model.names import HostPattern
from transire.model.net import Network, PortRange, merge_networks


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """One host of a rule, and what decides about it.

    `to` is the fallback of the cluster, and empty where the policies themselves decide by its name.
    `shared` is true for the platform's rules for everyone.
    """

    rule: Rule
    host: Host
    to: str
    shared: bool

    def __repr__(self) -> str:
        return f"<HandedOver {self.rule.name}: {self.host.pattern.text} to {self.to or 'nobody'}>"

    @property
    def ports(self) -> tuple[PortRange, ...]:
        """The ports of the host."""
        return self.host.ports or self.rule.ports

    @property
    def host_expression(self) -> str:
        """The names as a regular expression in RE2's syntax, for names in lower case."""
        return host_expression(self.host.pattern)

    @property
    def path_expressions(self) -> tuple[str, ...]:
        """The paths as regular expressions, for what is left after normalisation."""
        http = self.rule.http
        return () if http is None else tuple(map(path_expression, http.paths))


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What has to be configured elsewhere for a target.

    `denied` are ranges that no name may lead to: the cluster's own, and those where clouds hand out
    credentials. `everything` is true where hosts are among the items that the policies decide.
    """

    target: Target
    items: tuple[HandedOver, ...]
    denied: tuple[Network, ...]
    everything: bool = False

    def __repr__(self) -> str:
        return f"<Handover {self.target.name}: items={len(self.items)}>"

    @property
    def unproved(self) -> tuple[HandedOver, ...]:
        """What the policies do not decide."""
        return tuple(each for each in self.items if each.to)


def handover_of(organisation: Organisation, target: Target, *, everything: bool) -> Handover:
    """What a target leaves to something else, or with `everything` all of its hosts.

    Raises:
        Rejected: if the engine cannot express a rule of the target, or one for everyone.
    """
    engine = engine_of(target.cluster.release)
    own = engine.lower(target).delegated
    baseline = engine.lower_baseline(baseline_of(organisation, target.cluster)).delegated
    items = (
        *_items(target.rules, own, shared=False),
        *_items(target.everyone, baseline, shared=True),
    )
    return Handover(
        target=target,
        items=tuple(each for each in items if everything or each.to),
        denied=merge_networks((*target.cluster.network.own, *METADATA)),
        everything=everything,
    )


def _items(
    rules: Iterable[Rule], delegated: Iterable[Delegated], *, shared: bool
) -> Iterator[HandedOver]:
    ways = {(each.rule, each.host): each.to for each in delegated}
    for rule in rules:
        for host in rule.hosts:
            to = ways.get((rule.name, host.pattern.text), "")
            yield HandedOver(rule=rule, host=host, to=to, shared=shared)


def host_expression(pattern: HostPattern) -> str:
    """Names in lower case, without a trailing dot, that a pattern stands for, from end to end."""
    labels = pattern.text.split(".")
    found = [_label_expression(each) for each in labels]
    return "^" + r"\.".join(found) + "$"


def _label_expression(label: str) -> str:
    if label == "**":
        return r"[^.]+(\.[^.]+)*"
    if label == "*":
        return "[^.]+"
    return "[^.]*".join(map(re.escape, label.split("*"))).replace(r"\-", "-")


def path_expression(path: PathPattern) -> str:
    """Paths after normalisation and without a query that a pattern stands for, from end to end."""
    wild = {ONE_SEGMENT: "[^/]+", BELOW: ".*"}
    found = (wild.get(each, re.escape(each).replace(r"\-", "-")) for each in path.segments)
    return "^/" + "/".join(found) + "$"
