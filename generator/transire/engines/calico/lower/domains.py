"""Hosts in Calico Enterprise's grammar: exact names, and a leading `*.` of any depth.

Sources: the documentation of `allowedEgressDomains`, the same from 3.21 to 3.24. A `*` elsewhere
than at the beginning is not matched in every mode, and part of a label is refused.
"""

from __future__ import annotations

from transire.engines.api.refusal import Refusal
from transire.engines.lowering.builder import LoweredBuilder, accepts
from transire.engines.lowering.host_limits import host_limit
from transire.meaning.target import Approximated
from transire.model.engine import Release
from transire.model.intent import Approximation, Cluster, Rule
from transire.model.names import HostKind, HostPattern


def as_read(pattern: HostPattern, release: Release) -> tuple[HostPattern, ...]:
    """The pattern as a domain is matched: any depth where it has one label below its parent."""
    del release
    if pattern.kind is HostKind.ONE_LABEL:
        return (HostPattern(f"**.{pattern.parent}"),)
    return (pattern,)


def domains(rule: Rule) -> list[str]:
    """The rule's hosts as a set lists them, sorted, each once."""
    return sorted({_domain(host.pattern) for host in rule.hosts})


def _domain(pattern: HostPattern) -> str:
    return f"*.{pattern.parent}" if pattern.kind is HostKind.ANY_DEPTH else pattern.text


def check_domains(rule: Rule, builder: LoweredBuilder) -> None:
    """Refuse what cannot be expressed, and note what is widened by consent."""
    for host in rule.hosts:
        limit = host_limit(host.pattern, builder.cluster)
        fault = limit or domain_fault(host.pattern, rule, builder.cluster)
        if fault:
            builder.refuse_rule(rule, host.at, fault)
        elif host.pattern.kind is HostKind.ONE_LABEL:
            builder.approximate(
                Approximated(
                    rule=rule.name,
                    how=Approximation.WIDEN,
                    written=host.pattern.text,
                    became=(f"**.{host.pattern.parent}",),
                    example=f"a.b.{host.pattern.parent}",
                )
            )


def domain_fault(pattern: HostPattern, rule: Rule, cluster: Cluster) -> Refusal | None:
    """Why no domain means the host, without consent of the rule or the cluster."""
    if pattern.kind is HostKind.PARTIAL:
        return Refusal(
            id="host-not-expressible",
            why=f"{pattern.shown} has a star elsewhere than in one leading *., which calico "
            "enterprise does not match in every mode of its DNS policy",
            remedy="name the hosts, or use cilium",
        )
    if pattern.kind is HostKind.ONE_LABEL and not accepts(rule, Approximation.WIDEN, cluster):
        return Refusal(
            id="host-not-expressible",
            why=f"{pattern.shown} is one label, and calico enterprise takes *. for any depth",
            remedy="name the hosts, or use cilium; any depth is more than was asked for, and only "
            "approximate on the rule accepts it",
        )
    return None
