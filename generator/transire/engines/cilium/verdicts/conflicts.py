"""Objects that the agent takes one by one and cannot apply to one pod together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from transire.engines.cilium.objects.identity import RESERVED
from transire.engines.cilium.objects.rules import L7, CiliumRule
from transire.engines.cilium.objects.selectors import Demand
from transire.engines.cilium.verdicts.agent_state import AgentState
from transire.engines.cilium.verdicts.endpoint import Endpoint
from transire.engines.cilium.verdicts.named_ports import NamedPorts
from transire.engines.cilium.verdicts.policy_map import Conflict, place_of, policy_map
from transire.k8s.admission import Refused
from transire.k8s.label_selector import Operator

_MOST_PAIRS = 20_000


def conflicts(world: AgentState) -> tuple[Refused, ...]:
    """Each object in a conflict, for the pods of the cluster file.

    Where the file names no pods, a conflict counts if any pod could have it.
    """
    parsed = [rule for rule in world.held.rules if _proxies(rule)]
    if not _share_a_filter(parsed, world.agent.minor):
        return ()
    if world.cluster.pods and not world.cluster.partial:
        found = _of_pods(world.endpoints_of_cluster())
    else:
        found = _of_pairs(parsed, world.agent.minor, world.named_ports)
    refused: dict[int, Refused] = {}
    for conflict, where in found:
        for origin in conflict.origins:
            why = f"{conflict.why}, so the agent computes no policy for {where}"
            refused.setdefault(
                origin.manifest,
                Refused(manifest=origin.manifest, object=origin.object, by="engine", why=why),
            )
    return tuple(refused[manifest] for manifest in sorted(refused))


def _of_pods(endpoints: Iterable[tuple[str, Endpoint]]) -> Iterator[tuple[Conflict, str]]:
    for name, endpoint in endpoints:
        if endpoint.conflict:
            yield endpoint.conflict, f"the pod {name}"


def _of_pairs(
    rules: Sequence[CiliumRule], minor: int, named: NamedPorts
) -> Iterator[tuple[Conflict, str]]:
    for number, (one, other) in enumerate(combinations(rules, 2)):
        if number >= _MOST_PAIRS:
            return
        if _proxies(one) != _proxies(other) and _meet(one, other):
            try:
                policy_map((one, other), minor=minor, named=named, lax=False)
            except Conflict as conflict:
                yield conflict, "a pod that both select"


ProxyKey = tuple[object, ...]
"""What rules that do not merge differ in."""


def _proxies(rule: CiliumRule) -> frozenset[ProxyKey]:
    groups = rule.groups or ()
    return frozenset(_of(group.l7) for group in groups if group.l7 and not rule.deny)


def _of(l7: L7) -> ProxyKey:
    return l7.proxy, *sorted(l7.contexts.items())


def _share_a_filter(rules: Iterable[CiliumRule], minor: int) -> bool:
    """Whether two proxies are required in one filter; only there can rules fail to merge."""
    by_filter: dict[tuple[object, ...], set[ProxyKey]] = {}
    for rule in rules:
        for group in rule.groups or ():
            if group.l7:
                for port in group.ports:
                    by_filter.setdefault(place_of(port, minor), set()).add(_of(group.l7))
    return any(len(each) > 1 for each in by_filter.values())


def _meet(one: CiliumRule, other: CiliumRule) -> bool:
    """Whether a pod could exist that both rules select."""
    by_key: dict[str, list[Demand]] = {}
    for demand in (*one.subject.demands, *other.subject.demands):
        if demand.source == RESERVED:
            if demand.operator in {Operator.IN, Operator.EXISTS}:
                return False
            continue
        by_key.setdefault(demand.key, []).append(demand)
    return all(_possible(demands) for demands in by_key.values())


def _possible(demands: Sequence[Demand]) -> bool:
    """Whether one label could meet all demands on it, by being absent or by some value."""
    absent = all(each.operator in {Operator.NOT_IN, Operator.DOES_NOT_EXIST} for each in demands)
    if absent:
        return True
    if any(each.operator is Operator.DOES_NOT_EXIST for each in demands):
        return False
    wanted = [set(each.values) for each in demands if each.operator is Operator.IN]
    refused = [set(each.values) for each in demands if each.operator is Operator.NOT_IN]
    return not wanted or bool(set.intersection(*wanted).difference(*refused))
