"""From what is kept of policies to rules with names and reasons, as a person would group them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from transire.k8s.manifests import ObjectRef
from transire.model.destinations import Destination
from transire.model.intent import Rule
from transire.model.names import is_dns_label, shorten
from transire.model.net import PortRange, merge_ports
from transire.model.pod_selector import PodSelector
from transire.review.migration.candidates import Candidate
from transire.review.migration.places import widest

Reasons = Callable[[int, Sequence[str]], str]
"""The reason of some rules of an object, by the object's place in the input."""

_Sources = tuple[PodSelector, ...]
_Ports = tuple[PortRange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A rule of values, and what it is from: an object, and rules of it by JSON pointer."""

    rule: Rule
    object: ObjectRef
    manifest: int
    pointers: tuple[str, ...]


def imported_rules(
    kept: Iterable[Candidate], namespace: str, reasons: Reasons
) -> Iterator[Imported]:
    """The rules of one namespace: of one object, one for all that goes together.

    Their names are those of the objects, and not yet unique.
    """
    by_object: dict[int, list[Candidate]] = {}
    for each in kept:
        by_object.setdefault(each.manifest, []).append(each)
    for manifest, own in by_object.items():
        for (sources, ports), found in _grouped(own).items():
            pointers = tuple(dict.fromkeys(at for _, at in found))
            name = own[0].object.name
            yield Imported(
                rule=Rule(
                    name=rule_name(name),
                    reason=reasons(manifest, pointers),
                    destinations=tuple(dict.fromkeys(each for each, _ in found)),
                    ports=ports,
                    source="",
                    sources=sources,
                    namespaces=frozenset({namespace}),
                ),
                object=own[0].object,
                manifest=manifest,
                pointers=pointers,
            )


def _grouped(
    kept: Sequence[Candidate],
) -> Mapping[tuple[_Sources, _Ports], list[tuple[Destination, str]]]:
    """Destinations, each with its rule, by the pods and ports that they have in common."""
    ports: dict[tuple[_Sources, Destination], list[Candidate]] = {}
    for each in kept:
        ports.setdefault((each.sources, each.destination), []).append(each)
    sources: dict[tuple[Destination, _Ports], list[Candidate]] = {}
    for (_, destination), found in ports.items():
        merged = merge_ports(port for each in found for port in each.ports)
        sources.setdefault((destination, merged), []).extend(found)
    groups: dict[tuple[_Sources, _Ports], list[tuple[Destination, str]]] = {}
    for (destination, merged), found in sources.items():
        whom = widest(source for each in found for source in each.sources)
        groups.setdefault((whom, merged), []).extend((destination, e.rule) for e in found)
    return groups


def rule_name(name: str) -> str:
    """The name of an object as the name of a rule."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "imported"
    found = shorten(plain)
    return found if is_dns_label(found) else "imported"


def united(found: Iterable[Imported]) -> list[Imported]:
    """Rules of several namespaces that are the same but for where they hold, once."""
    by_rule: dict[Rule, Imported] = {}
    for each in found:
        key = replace(each.rule, namespaces=None)
        known = by_rule.get(key)
        if known is None:
            by_rule[key] = each
            continue
        spaces = (known.rule.namespaces or frozenset()) | (each.rule.namespaces or frozenset())
        by_rule[key] = replace(known, rule=replace(known.rule, namespaces=spaces))
    return list(by_rule.values())


def for_everyone(found: Iterable[Imported]) -> list[Imported]:
    """Those of united rules that cluster-wide objects have for several namespaces."""
    return [
        each for each in found if not each.object.namespace and len(each.rule.namespaces or ()) > 1
    ]


def with_unique_names(found: Iterable[Imported], taken: Iterable[str]) -> Iterator[Imported]:
    """The rules with names that no other rule of the file has."""
    known = set(taken)
    for each in found:
        name, number = each.rule.name, 1
        while name in known:
            number += 1
            name = f"{shorten(each.rule.name, 58)}-{number}"
        known.add(name)
        yield each if name == each.rule.name else replace(each, rule=replace(each.rule, name=name))
