"""Who may reach something, as people and as scripts read it; `who.schema.json` is the JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any

from transire.flows.pod_set import PodSet, written_labels
from transire.flows.port_set import PortSet
from transire.model.intent import AddressRange, Destination, Entity, Host, Pods, Rule
from transire.review.who.wanted import WantedName
from transire.review.who.ways import Manner, Way
from transire.review.who.who import Audited, Who

SCHEMA = "transire.who/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""

_SHARED = "the platform, for everyone"


def as_text(who: Who) -> str:
    """The rules with their reasons and ends, below each who reaches it by the rule."""
    certain = [each for each in who.ways if each.manner is not Manner.BY_RANGE]
    ranges = [each for each in who.ways if each.manner is Manner.BY_RANGE]
    lines = [_head(who, certain)]
    lines += _rules(certain, who)
    if ranges:
        lines += ["", _about_ranges(who), *_range_lines(ranges)]
    if who.audited:
        lines += ["", "in audit, so that pods reach everything:"]
        lines += [f"  {_audited(each)}" for each in who.audited]
    return "".join(f"{line}\n" for line in lines)


def _head(who: Who, ways: Sequence[Way]) -> str:
    places = f"on {', '.join(each.name for each in who.clusters)}"
    if not ways:
        return f"no rule leads to {who.wanted.text} {places}"
    rules = len({_source(each) for each in ways})
    targets = len({each.target.name for each in ways})
    return f"{who.wanted.text}: {_count(rules, 'rule')}, {_count(targets, 'target')} {places}"


def _about_ranges(who: Who) -> str:
    name = who.wanted.what.pattern.shown if isinstance(who.wanted.what, WantedName) else ""
    return f"by address, where {name} has one in such a range (give its addresses with --at):"


def _rules(ways: Sequence[Way], who: Who) -> Iterator[str]:
    for _, found in groupby(sorted(ways, key=_order), key=_order):
        some = list(found)
        yield ""
        yield from _rule(some[0], who)
        for each in some:
            yield f"  {_line(each)}"


def _range_lines(ways: Sequence[Way]) -> Iterator[str]:
    """One line for each range of a rule."""
    for _, found in groupby(sorted(ways, key=_range_order), key=_range_order):
        some = list(found)
        first, rule = some[0], some[0].rule
        if rule is None or first.by is None:
            raise AssertionError("a range without a rule")
        where = ", ".join(dict.fromkeys(each.target.name for each in some))
        place = f"{rule.source.partition('#')[0]}:{rule.at.line}"
        name = f"{_team(first) or _SHARED}: {rule.name}, {place}"
        yield f"  {name}: {written(first.by)} on {_ports(first)} ({where})"


def _range_order(way: Way) -> tuple[str, str, str, str]:
    return *_order(way), "" if way.by is None else written(way.by), str(way.ports)


def _ports(way: Way) -> str:
    return "any port" if way.ports == PortSet.everything() else str(way.ports)


def _order(way: Way) -> tuple[str, str]:
    return _team(way), _source(way)


def _rule(way: Way, who: Who) -> Iterator[str]:
    rule = way.rule
    if rule is None:
        yield f"{_SHARED}: {way.setting} of values/platform.yaml"
        return
    place = f"{rule.source.partition('#')[0]}:{rule.at.line}"
    yield f"{_team(way) or _SHARED}: {rule.name}, {place}"
    yield f"  reason: {rule.reason}"
    yield f"  ticket: {rule.ticket or 'none'}; ends: {_end(rule, who)}"


def _end(rule: Rule, who: Who) -> str:
    if rule.expires is None:
        return "never"
    over = has_ended(rule, who)
    return f"{rule.expires}{', which has passed; the charts still have it' if over else ''}"


def has_ended(rule: Rule, who: Who) -> bool:
    """Whether the end of the rule has passed at the instant of the answer."""
    return rule.expires is not None and rule.expires.passed(who.as_of)


def _line(way: Way) -> str:
    target = way.target
    source = "every pod" if way.pods == PodSet.everything() else str(way.pods)
    by = "" if way.by is None else f", by {written(way.by)}"
    how = {
        Manner.ALLOWED: "",
        Manner.BY_RANGE: "",
        Manner.WIDENED: " (widened to it)",
        Manner.NARROWED: " (narrowed: not allowed here)",
        Manner.DELEGATED: f" (delegated to {way.to})",
    }[way.manner]
    mode = f"{target.cluster.release}, {target.mode}"
    return f"{target.name} ({mode}): {source} on {_ports(way)}{by}{how}"


def _audited(each: Audited) -> str:
    end = f"until {each.until}" if each.until else "no end is set"
    return f"{each.target.name}: {end}"


def written(destination: Destination) -> str:
    """A destination of a rule, in one line."""
    match destination:
        case Host(pattern=pattern, bundle=bundle):
            return f"{pattern.shown} of bundle {bundle}" if bundle else pattern.shown
        case AddressRange(cidr=cidr, network=network, bundle=bundle):
            kind, name = ("bundle", bundle) if bundle else ("network", network)
            return f"{cidr} of {kind} {name}" if name else str(cidr)
        case Pods(labels=labels):
            return f"pods {destination.where}/{written_labels(dict(labels))}".removesuffix("/")
        case Entity(kind=kind):
            return f"entity {kind}"


def _team(way: Way) -> str:
    """The team whose rule it is; empty for those of the platform."""
    if way.rule is None or any(way.rule is each for each in way.target.everyone):
        return ""
    return way.target.team


def _source(way: Way) -> str:
    return way.setting if way.rule is None else way.rule.source


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def as_json(who: Who) -> str:
    """The JSON document, with a newline at its end."""
    return json.dumps(_tree(who), indent=2, ensure_ascii=False) + "\n"


def _tree(who: Who) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "destination": who.wanted.text,
        "ports": None if who.wanted.ports is None else str(who.wanted.ports),
        "asOf": who.as_of.date().isoformat(),
        "clusters": [each.name for each in who.clusters],
        "ways": [_way(each, who) for each in who.ways],
        "audited": [
            {
                "team": each.target.team or None,
                "namespace": each.target.namespace,
                "cluster": each.target.cluster.name,
                "until": each.until or None,
            }
            for each in who.audited
        ],
    }


def _way(way: Way, who: Who) -> dict[str, Any]:
    target = way.target
    return {
        "team": target.team or None,
        "namespace": target.namespace,
        "cluster": target.cluster.name,
        "environment": target.cluster.environment,
        "engine": str(target.cluster.release),
        "mode": str(target.mode),
        "manner": str(way.manner),
        "pods": str(way.pods),
        "ports": str(way.ports),
        "by": None if way.by is None else written(way.by),
        "delegatedTo": way.to or None,
        "setting": way.setting or None,
        "rule": None if way.rule is None else _rule_tree(way, way.rule, who),
    }


def _rule_tree(way: Way, rule: Rule, who: Who) -> dict[str, Any]:
    return {
        "team": _team(way) or None,
        "name": rule.name,
        "path": rule.source.partition("#")[0],
        "line": rule.at.line,
        "reason": rule.reason,
        "ticket": rule.ticket or None,
        "expires": None if rule.expires is None else str(rule.expires),
        "ended": has_ended(rule, who),
    }


WHO_FORMATS: Mapping[str, Callable[[Who], str]] = MappingProxyType(
    {"text": as_text, "json": as_json}
)
"""How the answer is shown, by the name that `--format` takes."""
