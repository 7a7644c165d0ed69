"""Rules as rows of a table that people read without any script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from transire.flows.pod_set import written_labels
from transire.meaning.target import Approximated
from transire.model.ends import End
from transire.model.intent import (
    AddressRange,
    Destination,
    Entity,
    Host,
    Labels,
    Mode,
    Organisation,
    Pods,
)
from transire.model.names import HostKind, HostPattern
from transire.model.pod_selector import EVERY_POD, PodSelector
from transire.review.page import Child, Markup, joined, more, tag
from transire.review.report.facts import Places, Reach, Report, TeamReport, every_reach
from transire.review.report.use import Seen, Uses

HEAD = ("who", "may reach", "on ports", "from", "why", "until")
"""What the columns of a rule's row are called, here and in `report.js`."""
USE = "last use"
"""The column beside them where logs were read."""
USE_WORDS = {Seen.USED: "used", Seen.UNUSED: "not used", Seen.UNKNOWN: "not known"}
"""How it stands with entries, here and in `report.js`."""

EVERYONE = "everyone"
"""Whose rules those are that hold in every enrolled namespace."""

_WILDCARDS = {
    HostKind.ONE_LABEL: "one label",
    HostKind.ANY_DEPTH: "any depth",
    HostKind.PARTIAL: "part of a label",
    HostKind.BARE: "any name",
}

TableRow = tuple[Child, ...]


def head_of(report: Report) -> tuple[str, ...]:
    """What the columns are called, with the one for logs where there are some."""
    return HEAD if report.uses is None else (*HEAD, USE)


def reach_rows(report: Report) -> Iterator[TableRow]:
    """One row a rule, team by team, then those of everyone."""
    owners = bundle_owners(report.organisation)
    for team, reach in every_reach(report):
        yield reach_row(team, reach, report, owners)


def reach_row(
    team: TeamReport | None, reach: Reach, report: Report, owners: dict[str, str]
) -> TableRow:
    """The row of one rule; `owners` are the people who vetted each bundle."""
    rule = reach.rule
    left = {host for each in reach.delegated for host in each.hosts}
    return (
        joined(
            (
                tag("strong", EVERYONE if team is None else team.team.name),
                line(mono(rule.name)),
                line("" if team is None else team.team.contact, "contact free"),
            )
        ),
        joined(
            (
                tag(
                    "ul", *(_destination(each, left) for each in rule.destinations), class_="plain"
                ),
                *notes(reach),
            )
        ),
        joined(line(mono(str(each))) for each in rule.ports),
        joined((line(sources(rule.sources)), _where(team, reach))),
        _why(reach, owners),
        until(rule.expires, report),
        *(() if report.uses is None else (_use(report.uses, team, reach),)),
    )


def _use(uses: Uses, team: TeamReport | None, reach: Reach) -> Markup:
    """Last use and count, and how many entries of the rule were not used or are not known."""
    found = uses.of_rule(team.team.name, reach.rule) if team else []
    if not found:
        return tag("span", "not looked at", class_="soft")
    days = [each.last for each in found if each.last is not None]
    count = sum(each.count for each in found)
    last = max(days).isoformat() if days else ""
    lines = [
        line(tag("time", last, datetime=last) if last else ""),
        line("" if not count else "once" if count == 1 else f"{count:,} times", "soft"),
    ]
    for seen in (Seen.UNUSED, Seen.UNKNOWN):
        number = sum(each.seen is seen for each in found)
        of = "" if len(found) == 1 else f"{number:,} of {len(found):,} "
        kind = "warn" if seen is Seen.UNUSED else ""
        lines.append(line(mark(f"{of}{USE_WORDS[seen]}", kind) if number else ""))
    return joined(lines)


def bundle_owners(organisation: Organisation) -> dict[str, str]:
    """Who vetted each bundle, by its name."""
    return {each.name: each.owner for each in organisation.bundles}


def destination_text(destination: Destination) -> str:
    """A destination in one word, as a table for spreadsheets has it."""
    match destination:
        case Host(pattern=pattern):
            return pattern.text
        case AddressRange(cidr=cidr):
            return str(cidr)
        case Pods(labels=labels):
            return f"pod:{destination.where}/{written_labels(dict(labels))}".removesuffix("/")
        case Entity(kind=kind):
            return f"entity:{kind}"


def mono(text: str) -> Markup:
    """Text as code."""
    return tag("code", text)


def host(text: str) -> Markup:
    """A host in both its forms, where it has two."""
    return mono(HostPattern(text).shown)


def mark(text: str, kind: str = "") -> Markup:
    """A small label beside something."""
    return tag("span", text, class_=f"mark {kind}".strip())


def line(content: Child, class_: str = "") -> Markup:
    """A line of its own, or nothing where there is no content."""
    return tag("div", content, class_=class_ or None) if content else Markup()


def listed(items: Iterable[Child]) -> Markup:
    """Things with commas between them."""
    parts: list[Child] = []
    for each in items:
        parts += [", ", each] if parts else [each]
    return joined(parts)


def pods(labels: Labels) -> Markup:
    """Which pods."""
    if not labels:
        return tag("span", "every pod")
    return listed(mono(f"{key}={value}") for key, value in labels)


def sources(selectors: Sequence[PodSelector]) -> Markup:
    """Which pods a rule is for."""
    if selectors == EVERY_POD:
        return pods(())
    parts: list[Child] = []
    for each in selectors:
        parts += [" or "] if parts else []
        parts.append(listed(map(mono, each.texts)))
    return joined(parts)


def until(end: End | None, report: Report) -> Markup:
    """When something ends, and how near that is where it is soon."""
    if end is None:
        return tag("span", "no end", class_="soft")
    shown = tag("time", str(end), datetime=str(end))
    if not report.organisation.platform.guardrails.soon(end, report.as_of):
        return shown
    return joined((shown, " ", mark(in_days(end.days(report.as_of)), "warn")))


def in_days(days: int) -> str:
    """How far away a day is."""
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def notes(reach: Reach) -> Iterator[Markup]:
    """Where the objects differ from the values, and what they cannot express."""
    for near, places in reach.approximated:
        yield tag("p", approximation_markup(near), *at(places), class_="note")
    every = {each.pattern for each in reach.rule.hosts}
    for each in reach.delegated:
        count = len(each.hosts)
        are = "is" if count == 1 else "are"
        hosts = "its hosts are" if count == len(every) else f"{count:,} of these hosts {are}"
        yield tag("p", f"{hosts} delegated to {each.to}", *at(each.places), class_="note")
    for remark, places in reach.remarks:
        yield tag("p", remark.text, *at(places), class_="note")


def approximation_markup(near: Approximated) -> Markup:
    """What a host is widened or narrowed to, and what that makes of an example."""
    became = listed(map(host, near.became))
    example = ("; for example ", host(near.example), f" is {near.difference}")
    return joined((host(near.written), f" is {near.done} to ", became, *example))


def at(places: Places, most: int = 4) -> tuple[Child, ...]:
    """Where something holds, after what it is."""
    if not places:
        return ()
    rest = len(places) - most
    shown: Sequence[Child] = [mono(each) for each in places[:most]]
    return (", on ", listed(shown), f" and {rest} more" if rest > 0 else "")


def _destination(each: Destination, left: set[str]) -> Markup:
    match each:
        case Host(pattern=pattern, bundle=bundle):
            return tag(
                "li",
                mono(pattern.shown),
                *_own_ports(each),
                *_marks(
                    (_WILDCARDS.get(pattern.kind, ""), "wild"),
                    ("delegated" if pattern.text in left else "", "left"),
                    (bundle, "name"),
                ),
            )
        case AddressRange(cidr=cidr, network=network, bundle=bundle):
            marks = _marks(("addresses", "range"), (bundle or network, "name"))
            return tag("li", mono(str(cidr)), *_own_ports(each), *marks)
        case Pods(namespace_labels=having, labels=labels):
            place = (" in namespaces with " if having else " in "), mono(each.where)
            return tag("li", pods(labels), *place, *_own_ports(each))
        case Entity(kind=kind):
            return tag("li", "the cluster's ", mono(kind.value), *_own_ports(each))


def _own_ports(each: Destination) -> tuple[Child, ...]:
    if not each.ports:
        return ()
    return (" on ", listed(mono(str(port)) for port in each.ports))


def _marks(*marks: tuple[str, str]) -> Iterator[Markup]:
    for text, kind in marks:
        if text:
            yield joined((" ", mark(text, kind)))


def _where(team: TeamReport | None, reach: Reach) -> Markup:
    if not reach.places:
        return line("holds nowhere: no target is among its places", "soft")
    if team is None:
        named = ", ".join(sorted(reach.rule.namespaces or ()))
        return line(joined((named or "all enrolled namespaces", *at(reach.places, 20))), "place")
    held = [each for each in team.targets if each.name in reach.places]
    return joined(
        line(
            joined(
                (
                    mono(each.namespace),
                    f" on {each.cluster.name}, {each.cluster.release}, {each.cluster.environment}",
                    *_marks(("audit" if each.mode is Mode.AUDIT else "", "warn")),
                )
            ),
            "place",
        )
        for each in held
    )


def _why(reach: Reach, owners: dict[str, str]) -> Markup:
    rule = reach.rule
    vetted = (f"bundle {each}, vetted by {owners[each]}" for each in rule.bundles)
    return joined(
        (
            line(rule.reason, "free"),
            line(mono(rule.ticket) if rule.ticket else ""),
            *(line(each, "soft free") for each in vetted),
        )
    )


def team_link(name: str) -> Markup:
    """The name of a team, empty for the platform's own; following it shows the team's rules."""
    return tag("a", name, href=f"#?team={name}") if name else tag("span", "platform", class_="soft")


def listing(
    head: Sequence[str],
    rows: Sequence[TableRow],
    *,
    things: str,
    caption: str,
    none: str = "There is none.",
    rest: str = "",
) -> Markup:
    """A table of those things, or a sentence where there is none."""
    if not rows:
        return tag("p", none, class_="soft")
    return more(head, rows, things=things, caption=caption, rest=rest)
