"""Rules and pods as text, for messages."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.policy_shape import Rule
from transire.flows.pod_set import PodSet, Workload

_MOST = 3
_LONGEST = 80


def rule_text(rule: Rule) -> str:
    """Such as `allows 443/TCP to every destination`."""
    if rule.nothing or not (rule.ports or rule.named):
        return f"{rule.action} nothing"
    return f"{rule.action} {ports(rule)} to {peers(rule)}"


def ports(rule: Rule) -> str:
    """Such as `443/TCP`, `any port` or `the port named https`."""
    found = [f"the port named {clipped(each.name)}" for each in rule.named]
    if rule.ports or not found:
        found.insert(0, str(rule.ports))
    return listed(found)


def peers(rule: Rule) -> str:
    """Such as `every destination` or `api.example.com, 198.51.100.0/24`."""
    return "every destination" if rule.anywhere else listed(list(_peers(rule)))


def outside(rule: Rule) -> str:
    """The destinations of a rule that are no pods."""
    hosts = [each.text for each in rule.hosts]
    ranges = [str(each.cidr) for each in rule.blocks]
    entities = (f"the entity {each}" for each in rule.entities)
    return listed([*hosts, *ranges, *rule.groups, *entities])


def _peers(rule: Rule) -> Iterator[str]:
    yield from (each.text for each in rule.hosts)
    for block in rule.blocks:
        but = f" except {listed([str(each) for each in block.excepts])}" if block.excepts else ""
        yield f"{block.cidr}{but}"
    yield from (f"the entity {each}" for each in rule.entities)
    yield from (f"pods ({clipped(str(each.pods))})" for each in rule.pods)
    yield from rule.groups
    yield from rule.others


def listed(parts: list[str]) -> str:
    """The first few, and how many more there are."""
    more = len(parts) - _MOST
    shown = ", ".join(clipped(each) for each in parts[:_MOST])
    return f"{shown} and {more} more" if more > 0 else shown


def clipped(text: str) -> str:
    """The text short enough for a message."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def some_pod(pods: PodSet) -> str:
    """One pod of the set, such as `a pod in shop with app=web`."""
    witness = pods.witness()
    return "no pod" if witness is None else _pod(witness)


def _pod(pod: Workload) -> str:
    labels = listed([f"{key}={value}" for key, value in sorted(pod.labels.items())])
    return f"a pod in {pod.namespace}{f' with {labels}' if labels else ''}"
