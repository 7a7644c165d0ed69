"""The parts of the page below the search: what is special, each in a table of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from transire.meaning.target import Remark
from transire.model.intent import Cluster, InCluster, Platform, ProxyFallback, SetFallback
from transire.review.page import Child, Markup, Section, joined, table, tag
from transire.review.report.facts import Places, Report, TeamReport, every_reach
from transire.review.report.table_rows import (
    EVERYONE,
    HEAD,
    approximation_markup,
    at,
    bundle_owners,
    host,
    listed,
    listing,
    mark,
    mono,
    reach_row,
    team_link,
    until,
)

_PODS = {
    InCluster.ALL: "pods of any namespace, on every port",
    InCluster.SAME_NAMESPACE: "pods of its own namespace, on every port",
    InCluster.DECLARED: "no pod that no rule names",
}
_BY_FILTER = "the filter above shows all"
_BY_JSON = "transire report --format json has all"


def audit_section(report: Report) -> Section:
    """Namespaces where nothing is blocked yet."""
    rows = [
        (
            mono(name),
            cluster.name,
            str(cluster.release),
            cluster.environment,
            team_link(team),
            until(day, report),
        )
        for team, name, cluster, day in report.audited
    ]
    head = ("namespace", "cluster", "engine", "environment", "team", "until")
    return Section(
        id="audit",
        title="Audit",
        lead="Nothing is blocked here yet: such a namespace reaches everything, listed or not.",
        body=listing(head, rows, things="namespaces", caption="Still in audit", rest=_BY_JSON),
    )


def exceptions_section(report: Report) -> Section:
    """Which guardrail does not hold for which entry, who approved it, and until when."""
    rows = [
        (
            team_link(each.team),
            mono(each.entry),
            mono(each.rule),
            listed(mono(str(item)) for item in each.approved) or tag("span", "all of it"),
            listed(mono(str(place)) for place in each.places),
            tag("span", each.reason, class_="free"),
            tag("span", each.approved_by, class_="free"),
            joined((until(each.until, report), " ", mark("ended", "warn")))
            if each.until.passed(report.as_of)
            else until(each.until, report),
        )
        for each in report.organisation.waivers
    ]
    head = ("team", "entry", "guardrail", "for", "where", "why", "approved by", "until")
    return Section(
        id="exceptions",
        title="Exceptions",
        lead="Guardrails that do not hold for one entry: by approval, and until a day.",
        body=listing(head, rows, things="exceptions", caption="Exceptions", rest=_BY_JSON),
    )


def differences_section(report: Report) -> Section:
    """Where policies differ from the values: by consent, and never silently."""
    return Section(
        id="differences",
        title="Differences",
        lead="A host that an engine cannot take exactly is refused, unless the values accept "
        "in so many words that it is widened or narrowed, or delegate it.",
        body=joined(
            (
                tag("h3", "Widened or narrowed"),
                _approximations(report),
                tag("h3", "Delegated"),
                tag(
                    "p",
                    "What decides about these hosts is configured elsewhere, and nothing here "
                    "proves it; transire handover lists it for a target.",
                    class_="note",
                ),
                _delegations(report),
            )
        ),
    )


def _approximations(report: Report) -> Markup:
    rows = [
        (_owner(team), mono(reach.rule.name), near.done, approximation_markup(near), where(places))
        for team, reach in every_reach(report)
        for near, places in reach.approximated
    ]
    head = ("team", "rule", "how", "host", "where")
    return listing(head, rows, things="hosts", caption="Widened or narrowed", rest=_BY_FILTER)


def _delegations(report: Report) -> Markup:
    rows = [
        (_owner(team), mono(reach.rule.name), _hosts(each.hosts), each.to, where(each.places))
        for team, reach in every_reach(report)
        for each in reach.delegated
    ]
    head = ("team", "rule", "hosts", "delegated to", "where")
    return listing(head, rows, things="rules", caption="Delegated", rest=_BY_FILTER)


def everyone_section(report: Report) -> Section:
    """What every enrolled namespace may reach, and which are enrolled without a team."""
    owners = bundle_owners(report.organisation)
    unlogged = replace(report, uses=None)
    rules = [reach_row(None, each, unlogged, owners) for each in report.everyone.reaches]
    mode = report.organisation.platform.mode
    alone = [
        (mono(name), cluster.name, str(cluster.release), mode.value)
        for cluster, name in report.everyone.alone
    ]
    head = ("namespace", "cluster", "engine", "mode")
    return Section(
        id="everyone",
        title="Everyone",
        lead="What every pod of an enrolled namespace may reach beside the rules of its team. A "
        "namespace is enrolled where a team publishes to it or the platform names it; in any other "
        "nothing here holds.",
        body=joined(
            (
                *_by_default(report.organisation.platform),
                listing(HEAD, rules, things="rules", caption="Rules for everyone", rest=_BY_JSON),
                tag("h3", "Enrolled without a team"),
                listing(head, alone, things="namespaces", caption="Enrolled alone", rest=_BY_JSON),
            )
        ),
    )


def _by_default(platform: Platform) -> Iterator[Markup]:
    reached = ("the resolvers of its cluster, for names", _PODS[platform.in_cluster])
    yield tag("ul", *(tag("li", each) for each in reached))
    if platform.system:
        yield tag("p", "Never governed: ", listed(map(mono, platform.system)), ".")


def caveats_section(report: Report) -> Section:
    """What is true of the targets although no policy can hold it."""
    about: dict[Remark, list[Child]] = {}
    places: dict[Remark, dict[str, None]] = {}
    for owner, remark, found in _remarks(report):
        same = Remark(rule="", id=remark.id, text=remark.text)
        about.setdefault(same, []).append(owner)
        places.setdefault(same, {}).update(dict.fromkeys(found))
    rows = [
        (mono(each.id), each.text, _first(about[each]), where(tuple(places[each])))
        for each in sorted(about, key=lambda each: (each.id, each.text))
    ]
    head = ("caveat", "meaning", "about", "where")
    return Section(
        id="caveats",
        title="Caveats",
        lead="True of these rules, and not to be seen in any policy. What policies of other people "
        "allow comes on top.",
        body=listing(head, rows, things="caveats", caption="Caveats", rest=_BY_JSON),
    )


def findings_section(report: Report) -> Section:
    """What `check` finds in the values."""
    rows = [
        (
            mono(str(each.at)),
            each.level.value,
            joined((each.message, " (", mono(each.id), ")")),
            each.help,
        )
        for each in report.warnings
    ]
    head = ("place", "level", "what", "what to do")
    return Section(
        id="findings",
        title="Findings",
        lead="What transire check finds in the values; with an error there is no report.",
        body=listing(head, rows, things="findings", caption="Findings", rest=_BY_JSON),
    )


def clusters_section(report: Report) -> Section:
    """Every cluster with its engine."""
    targets = Counter(each.cluster.name for team in report.teams for each in team.targets)
    rows = [
        (
            mono(each.name),
            str(each.release),
            each.environment,
            each.gitops.value,
            f"{targets[each.name]:,}",
            "yes" if each.dns.restrict else "no",
            _server_names(each),
            _fallback(each.fallback),
        )
        for each in report.organisation.platform.clusters
    ]
    head = ("cluster", "engine", "environment", "GitOps", "targets", "limits names asked",
            "checks server names", "delegates hosts to")  # fmt: skip
    body = table(head, rows, numbers=(4,), caption="Clusters")
    return Section(id="clusters", title="Clusters", body=body)


def where(places: Places) -> Markup:
    """Where something holds, in a cell of its own."""
    return joined(at(places)[1:])


def _owner(team: TeamReport | None) -> Markup:
    return tag("a", EVERYONE, href="#?team=*") if team is None else team_link(team.team.name)


def _remarks(report: Report) -> Iterator[tuple[Markup, Remark, Places]]:
    for team, reach in every_reach(report):
        for remark, places in reach.remarks:
            yield joined((_owner(team), " ", mono(reach.rule.name))), remark, places
    for each in report.teams:
        for remark, places in each.remarks:
            yield _owner(each), remark, places
    for remark, places in report.everyone.remarks:
        yield _owner(None), remark, places


def _first(items: Sequence[Child], most: int = 6) -> Markup:
    return joined((listed(items[:most]), *_and_more(len(items) - most)))


def _hosts(hosts: Sequence[str], most: int = 4) -> Markup:
    return joined((listed(map(host, hosts[:most])), *_and_more(len(hosts) - most)))


def _and_more(count: int) -> tuple[str, ...]:
    return (f" and {count:,} more",) if count > 0 else ()


def _server_names(cluster: Cluster) -> str:
    if cluster.server_names_optional:
        return "yes, unless a rule turns them off"
    return "yes" if cluster.server_names else "no"


def _fallback(fallback: ProxyFallback | SetFallback | None) -> Child:
    match fallback:
        case ProxyFallback():
            return joined(("proxy ", mono(fallback.shown)))
        case SetFallback(labels=labels):
            return joined(("set ", mono(",".join(f"{key}={value}" for key, value in labels))))
        case None:
            return "refused where an engine cannot express them"
