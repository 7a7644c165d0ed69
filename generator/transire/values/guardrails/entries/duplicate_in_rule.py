"""Find what a rule lists twice.

What it does: reports a destination that the rule, or a bundle of it, has besides on the same ports,
alone or among others: hosts, ranges, pods, entities; and ports, bundles, environments, clusters and
namespaces that a list has already.
Why is this bad? Whoever removes one believes the access is gone.
Bad:
    {name: api, reason: book parcels, to: [api.example.com, track.example.com, api.example.com]}
    {name: code, reason: fetch plugins, to: [github.com], bundles: [github]}
    {name: depots, reason: reach depots, ticket: S-1, to: [{cidr: 8.0.0.0/24}, {cidr: 8.0.0.7/32}]}
    {name: ledger, reason: book parcels, to: [{namespace: a}, {namespace: a, pods: {app: b}}]}
    {name: ports, reason: book parcels, to: [{namespace: a}], ports: [8000-8010, 8005]}
Good:
    {name: api, reason: book parcels, to: [api.example.com, track.example.com]}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from transire.model.guardrail import Finding
from transire.model.intent import AddressRange, Bundle, Destination, Entity, Host, Labels, Pods
from transire.model.net import PortRange, contains
from transire.model.problems import Level
from transire.model.waiver import OnPort, Reached
from transire.model.written_port import WrittenPort
from transire.values import proposals
from transire.values.guardrails.context import Entry, GuardrailContext, subject_of

ID = "duplicate-in-rule"
LEVEL = Level.WARNING


@dataclass(frozen=True, slots=True)
class _Listed:
    """A destination of a rule in its place, those of bundles before all others."""

    place: int
    what: Destination
    ports: tuple[PortRange, ...]
    bundle: str = ""

    def has(self, other: _Listed) -> bool:
        """Whether all of the other is part of it."""
        return _has(self.what, other.what) and all(
            any(mine.covers(each) for mine in self.ports) for each in other.ports
        )


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every destination and port of a rule that it has besides."""
    bundles = {each.name: each for each in review.organisation.bundles}
    for entry in review.entries():
        if len(entry.rule.listed) > 1 or entry.rule.bundles:
            yield from _destinations(entry, bundles)
        yield from _ports(entry)
        for each in entry.rule.repeated:
            message = f"{each.text} is already in {each.key} of this rule"
            yield _removed(entry.finding(each.at, message, "remove it here"))


def _destinations(entry: Entry, bundles: Mapping[str, Bundle]) -> Iterator[Finding]:
    own = [
        _Listed(place, each, entry.ports_of(each)) for place, each in enumerate(entry.rule.listed)
    ]
    vetted = [
        _Listed(-1, each, entry.ports_of(each), name)
        for name in entry.rule.bundles
        if own and name in bundles
        for each in _vetted(bundles[name])
    ]
    by_key: defaultdict[Hashable, list[_Listed]] = defaultdict(list)
    for each in (*vetted, *own):
        by_key[_keys(each.what)[0]].append(each)
    lengths = {each.what.cidr.prefixlen for each in own if isinstance(each.what, AddressRange)}
    lengths |= {each.what.cidr.prefixlen for each in vetted if isinstance(each.what, AddressRange)}
    for each in own:
        holder = _holder(each, by_key, lengths)
        if holder is not None:
            message = f"{_shown(each.what)} is already {_where(holder, each)}"
            at, subject = each.what.at, subject_of(each.what)
            if len({one.what.at for one in own}) > 1:
                yield _removed(entry.finding(at, message, "remove it here", subject))
            else:
                finding = entry.finding(at, message, "remove to from the rule", subject)
                yield replace(finding, proposal=proposals.without(entry.rule.at, "to"))


def _removed(finding: Finding) -> Finding:
    """The finding with the removal that its help proposes."""
    return replace(finding, proposal=proposals.removal(finding.at))


def _vetted(bundle: Bundle) -> tuple[Destination, ...]:
    return (*bundle.hosts, *bundle.ranges)


def _holder(
    one: _Listed, by_key: Mapping[Hashable, Sequence[_Listed]], lengths: Collection[int]
) -> _Listed | None:
    """What has all of it besides: of two that are alike, the first."""
    for key in _keys(one.what, lengths):
        for each in by_key.get(key, ()):
            is_first = each.place < one.place or not one.has(each)
            if is_first and each.what.at != one.what.at and each.has(one):
                return each
    return None


def _keys(what: Destination, lengths: Collection[int] = ()) -> tuple[Hashable, ...]:
    """By what a destination is found, its own key first, then those of what may have it.

    `lengths` are those of the prefixes that there are.
    """
    match what:
        case Host(pattern=pattern):
            return (pattern.text,)
        case AddressRange(cidr=cidr):
            wider = (each for each in lengths if each < cidr.prefixlen)
            return (cidr, *(cidr.supernet(new_prefix=length) for length in wider))
        case Pods():
            return (f"pods of {what.where}",)
        case Entity(kind=kind):
            return (kind,)


def _has(one: Destination, other: Destination) -> bool:
    """Whether the one has all of the other, of those that have a key in common."""
    if isinstance(one, Pods) and isinstance(other, Pods):
        return set(one.labels) <= set(other.labels)
    if isinstance(one, AddressRange) and isinstance(other, AddressRange):
        return contains(one.cidr, other.cidr)
    return True


def _where(holder: _Listed, one: _Listed) -> str:
    if holder.bundle:
        return f"in bundle {holder.bundle!r}"
    shown = _shown(holder.what)
    return "in this rule" if shown == _shown(one.what) else f"in this rule, in {shown}"


def _shown(what: Destination) -> str:
    match what:
        case Host(pattern=pattern):
            return pattern.shown
        case AddressRange(cidr=cidr, network=network):
            return f"network {network!r}" if network else str(cidr)
        case Pods(namespace=namespace, namespace_labels=having, labels=labels, cluster=cluster):
            place = f"namespaceLabels: {_map(having)}" if having else f"namespace: {namespace}"
            place = f"cluster: {cluster}, {place}" if cluster else place
            return f"{{{place}{f', pods: {_map(labels)}' if labels else ''}}}"
        case Entity(kind=kind):
            return f"{{entity: {kind}}}"


def _map(labels: Labels) -> str:
    return f"{{{', '.join(f'{key}: {value}' for key, value in labels)}}}"


def _with_list(entry: Entry, written: WrittenPort) -> Iterator[Reached]:
    """What the rule opens on the ports of that list."""
    of = next((each for each in entry.rule.listed if each.at == written.owner), None)
    if of is not None and of.ports:
        yield subject_of(of)
        return
    yield from (subject_of(each) for each in entry.rule.destinations if not each.ports)


def _ports(entry: Entry) -> Iterator[Finding]:
    """Ports that the same list has already, or has in a range."""
    written = entry.rule.written_ports
    for place, one in enumerate(written):
        for other, each in enumerate(written):
            if other == place or each.owner != one.owner or not each.port.covers(one.port):
                continue
            if other < place or not one.port.covers(each.port):
                same = "" if each.port == one.port else f", in {each.port}"
                opened = (OnPort(each, one.port) for each in _with_list(entry, one))
                message = f"port {one.port} is already in this list{same}"
                yield _removed(entry.finding(one.at, message, "remove it here", *opened))
                break
