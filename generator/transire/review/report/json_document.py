"""A report as JSON; `report.schema.json`, beside this file, is its shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from transire.meaning.endings import Ending, endings
from transire.meaning.target import Approximated, Remark, Target
from transire.model.bundle_source import BundleSource
from transire.model.ends import End
from transire.model.http import Http
from transire.model.intent import (
    AddressRange,
    Bundle,
    Cluster,
    Destination,
    Entity,
    Host,
    Pods,
    ProxyFallback,
    SetFallback,
    Waiver,
)
from transire.model.pod_selector import sources_tree
from transire.model.problems import Problem
from transire.model.waiver import where_tree
from transire.review.report.exposure import Exposure, exposure, team_exposure
from transire.review.report.facts import (
    DelegatedHosts,
    Places,
    Reach,
    Report,
    TeamReport,
    every_reach,
    is_wildcard,
)
from transire.review.report.use import EntryUse, Uses

JsonObject = dict[str, Any]

SCHEMA = "transire.report/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""
_API_VERSION = "transire/v1"


def as_json(report: Report) -> str:
    """The JSON document, with a newline at its end."""
    return json.dumps(report_tree(report), indent=2) + "\n"


def report_schema() -> str:
    """The JSON Schema of what `as_json` gives."""
    return (files("transire.review.report") / "report.schema.json").read_text(encoding="utf-8")


def report_tree(report: Report) -> JsonObject:
    """The document as a tree of mappings, lists, strings and numbers."""
    platform = report.organisation.platform
    return {
        "schema": SCHEMA,
        "apiVersion": _API_VERSION,
        "kind": "Report",
        "asOf": report.as_of.date().isoformat(),
        "origin": {
            "organisation": report.origin.organisation or None,
            "repository": report.origin.repository or None,
            "commit": report.origin.commit or None,
            "isModified": report.origin.is_modified,
        },
        "expiresSoonDays": platform.guardrails.expires_soon_days,
        "totals": totals(report),
        "clusters": [_cluster(each) for each in platform.clusters],
        **_if({"use": None if report.uses is None else _uses(report.uses)}),
        "teams": [_team(each, report.uses) for each in report.teams],
        "everyone": {
            "inCluster": platform.in_cluster.value,
            "system": list(platform.system),
            "rules": [_reach(each) for each in report.everyone.reaches],
            "caveats": _caveats(report.everyone.remarks),
            "namespaces": [
                {"namespace": name, "cluster": cluster.name, "mode": platform.mode.value}
                for cluster, name in report.everyone.alone
            ],
        },
        "bundles": [_bundle(each) for each in report.organisation.bundles],
        "exceptions": [_exception(each, report.as_of) for each in report.organisation.waivers],
        "endings": [_ending(each) for each in endings(report.organisation, report.as_of)],
        "findings": [_finding(each) for each in report.warnings],
    }


def totals(report: Report) -> dict[str, int]:
    """The counts that people look for first; hosts are counted once for all teams."""
    all_of_it = exposure(reach for _, reach in every_reach(report) if reach.places)
    return {
        "teams": len(report.teams),
        "targets": sum(len(each.targets) for each in report.teams),
        "names": all_of_it.names,
        "wildcards": all_of_it.wildcards,
        "ranges": all_of_it.ranges,
        "delegated": all_of_it.delegated,
        "audited": len(report.audited),
        "endingSoon": sum(each.soon for each in endings(report.organisation, report.as_of)),
        "exceptions": sum(
            not each.until.passed(report.as_of) for each in report.organisation.waivers
        ),
    }


def _cluster(cluster: Cluster) -> JsonObject:
    match cluster.fallback:
        case ProxyFallback(to=proxy, port=port):
            fallback = {"proxy": {**_destination(proxy), "port": port}}
        case SetFallback(labels=labels):
            fallback = {"networkSet": {"labels": dict(labels)}}
        case None:
            fallback = {}
    return {
        "name": cluster.name,
        "engine": str(cluster.release),
        "environment": cluster.environment,
        "gitops": cluster.gitops.value,
        "restrictsNames": cluster.dns.restrict,
        "checksServerNames": cluster.server_names,
        **_if({"serverNamesOptional": cluster.server_names_optional or None}),
        "fallback": fallback,
    }


def _uses(uses: Uses) -> JsonObject:
    return {"days": uses.days, "coverage": list(uses.coverage)}


def _use(found: EntryUse | None) -> JsonObject | None:
    if found is None:
        return None
    return {
        "seen": found.seen.value,
        "count": found.count,
        **_if({"last": found.last.isoformat() if found.last else None}),
        "workloads": list(found.workloads),
        "why": list(found.why),
    }


def _team(each: TeamReport, uses: Uses | None) -> JsonObject:
    until = {(one.namespace, one.cluster): one.until for one in each.team.publications}
    return {
        "name": each.team.name,
        "contact": each.team.contact,
        "source": each.team.path,
        "targets": [_target(one, until[one.namespace, one.cluster.name]) for one in each.targets],
        "exposure": _exposure(team_exposure(each)),
        "rules": [_reach(one, each.team.name, uses) for one in each.reaches],
        "caveats": _caveats(each.remarks),
    }


def _target(target: Target, until: End | None) -> JsonObject:
    return {
        "name": target.name,
        "namespace": target.namespace,
        "cluster": target.cluster.name,
        "mode": target.mode.value,
        **_if({"until": _end(until)}),
    }


def _exposure(found: Exposure) -> JsonObject:
    return {
        "names": found.names,
        "wildcards": found.wildcards,
        "anyDepth": found.any_depth,
        "ranges": found.ranges,
        "addresses": found.addresses,
        **_if({"widestIPv6": found.widest_ipv6}),
        "delegated": found.delegated,
        "inside": found.inside,
        "otherPorts": [str(each) for each in found.other_ports],
        "audited": found.audit,
    }


def _reach(each: Reach, team: str = "", uses: Uses | None = None) -> JsonObject:
    rule = each.rule
    limits = {key: getattr(rule, key) for key in ("environments", "clusters", "namespaces")}
    return {
        "name": rule.name,
        "source": rule.source,
        "reason": rule.reason,
        **_if({"ticket": rule.ticket or None, "expires": _end(rule.expires)}),
        "from": sources_tree(rule.sources),
        **_if({"serverNames": None if rule.server_names else False}),
        **_if({"http": _http(rule.http), "tls": rule.tls and rule.tls.value}),
        "to": [
            {
                **_destination(one),
                **_if({"use": _use(uses.of(team, rule, one)) if uses else None}),
            }
            for one in rule.destinations
        ],
        "ports": [str(one) for one in rule.ports],
        **{key: sorted(names) for key, names in limits.items() if names is not None},
        "places": list(each.places),
        "approximations": [_approximation(*one) for one in each.approximated],
        "delegations": [_delegation(one) for one in each.delegated],
        "caveats": _caveats(each.remarks),
    }


def _http(http: Http | None) -> JsonObject | None:
    if http is None:
        return None
    paths = [each.text for each in http.paths]
    return {**_if({"methods": list(http.methods) or None, "paths": paths or None})}


def _destination(each: Destination) -> JsonObject:
    own = [str(port) for port in each.ports]
    return {**_reached(each), **_if({"ports": own or None})}


def _reached(each: Destination) -> JsonObject:
    match each:
        case Host(pattern=pattern, bundle=bundle):
            both = pattern.shown != pattern.text
            return {
                "host": pattern.text,
                **_if(
                    {
                        "shown": pattern.shown if both else None,
                        "wildcard": pattern.kind.value if is_wildcard(each) else None,
                        "bundle": bundle or None,
                    }
                ),
            }
        case AddressRange(cidr=cidr, network=network, bundle=bundle):
            return {
                "cidr": str(cidr),
                **_if({"network": network or None, "bundle": bundle or None}),
            }
        case Pods(namespace=namespace, namespace_labels=having, labels=labels, cluster=cluster):
            where = {"namespaceLabels": dict(having)} if having else {"namespace": namespace}
            return {**_if({"cluster": cluster or None}), **where, "pods": dict(labels)}
        case Entity(kind=kind):
            return {"entity": kind.value}


def _approximation(each: Approximated, places: Places) -> JsonObject:
    return {
        "how": each.how.value,
        "written": each.written,
        "became": list(each.became),
        "example": each.example,
        "places": list(places),
    }


def _delegation(each: DelegatedHosts) -> JsonObject:
    return {"to": each.to, "hosts": list(each.hosts), "places": list(each.places)}


def _caveats(remarks: Iterable[tuple[Remark, Places]]) -> list[JsonObject]:
    return [{"id": each.id, "text": each.text, "places": list(places)} for each, places in remarks]


def _bundle(bundle: Bundle) -> JsonObject:
    return {
        "name": bundle.name,
        "owner": bundle.owner,
        "reason": bundle.reason,
        "source": bundle.path,
        "hosts": [each.pattern.text for each in bundle.hosts],
        "ranges": [str(each.cidr) for each in bundle.ranges],
        **_if({"published": _published(bundle.source)}),
    }


def _published(source: BundleSource | None) -> JsonObject | None:
    if source is None:
        return None
    return {
        "vendor": source.vendor,
        "date": source.day.isoformat(),
        **_if({"version": source.version or None}),
        "only": list(source.only),
    }


def _exception(waiver: Waiver, as_of: datetime) -> JsonObject:
    return {
        "rule": waiver.rule,
        "team": waiver.team,
        "entry": waiver.entry,
        "for": [each.tree for each in waiver.approved],
        **where_tree(waiver.places),
        **_if({"from": sources_tree(waiver.sources) if any(waiver.sources) else None}),
        "approvedBy": waiver.approved_by,
        "reason": waiver.reason,
        "until": str(waiver.until),
        "ended": waiver.until.passed(as_of),
    }


def _ending(each: Ending) -> JsonObject:
    return {
        "what": each.what.value,
        "team": each.team,
        "entry": each.entry,
        **_if({"cluster": each.cluster or None}),
        "until": str(each.until),
        "days": each.days,
        "soon": each.soon,
    }


def _finding(each: Problem) -> JsonObject:
    return {
        "path": each.at.path,
        "line": each.at.line,
        "column": each.at.column,
        "level": each.level.value,
        "rule": each.id,
        "message": each.message,
        "help": each.help,
    }


def _end(end: End | None) -> str | None:
    return None if end is None else str(end)


def _if(pairs: Mapping[str, Any]) -> JsonObject:
    """Those keys that have a value."""
    return {key: value for key, value in pairs.items() if value is not None}
