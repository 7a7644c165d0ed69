"""Hosts that an engine cannot express, on their way to the cluster's proxy."""

from __future__ import annotations

from dataclasses import replace

from transire.engines.api.capabilities import Capabilities, Never
from transire.engines.api.refusal import Refusal
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.host_limits import host_limit
from transire.engines.lowering.http_limits import http_limit
from transire.engines.lowering.label_limits import labels_limit
from transire.engines.lowering.scope import Scope, Writer
from transire.meaning.target import Delegated
from transire.model.intent import Host, Pods, ProxyFallback, Rule, SetFallback
from transire.model.net import Protocol, merge_ports


def check_fallback(capabilities: Capabilities, builder: LoweredBuilder) -> None:
    """Refuse a fallback that the engine cannot write, or that would find what is not meant."""
    fault = _fallback_fault(capabilities, builder)
    if fault:
        builder.refuse_cluster(builder.cluster.at, fault)


def _fallback_fault(capabilities: Capabilities, builder: LoweredBuilder) -> Refusal | None:
    release = builder.cluster.release
    match builder.cluster.fallback:
        case SetFallback() if not capabilities.filled_sets.has(release):
            has = "no such sets" if isinstance(capabilities.hosts, Never) else "names itself"
            return Refusal(
                id="fallback",
                why="fallback.networkSet is a GlobalNetworkSet that something else fills with the "
                f"addresses of names, and {release.engine} has {has}",
                remedy="make the fallback a proxy, or remove it",
            )
        case SetFallback(labels=()):
            return Refusal(
                id="fallback",
                why="fallback.networkSet has no labels, so every set would be found",
                remedy="write the labels of one GlobalNetworkSet",
            )
        case SetFallback(labels=labels) | ProxyFallback(to=Pods(labels=labels)):
            return labels_limit(labels)
        case ProxyFallback(to=Host(pattern=pattern)) if not capabilities.hosts.has(release):
            return Refusal(
                id="fallback",
                why=f"fallback.proxy is {pattern.shown}, and {release.engine} knows no names",
                remedy="write the proxy's addresses: {cidr: 198.51.100.7/32, port: 3128}",
            )
        case _:
            return None


def delegating(rule: Rule, scope: Scope, writer: Writer, builder: LoweredBuilder) -> Rule:
    """The rule with the way to the cluster's proxy in place of what the engine cannot express.

    Hosts that no engine is given stay, to be refused. Requests that the engine cannot have are
    refused where there is no proxy.
    """
    fallback, no_http = scope.cluster.fallback, http_limit(rule, scope, writer)
    if not isinstance(fallback, ProxyFallback):
        if no_http:
            builder.refuse_rule(rule, rule.at_key("http"), no_http)
        return rule
    left = [
        host
        for host in rule.hosts
        if not host_limit(host.pattern, scope.cluster)
        and (no_http or writer.host_fault(host.pattern, rule, scope))
    ]
    if left and rule.http is not None:
        builder.remark(
            rule.name,
            "http-delegated",
            f"which requests pass is for {fallback.words} to check: {rule.http}",
        )
    for host in left:
        builder.delegate(Delegated(rule=rule.name, host=host.pattern.text, to=fallback.words))
    _check_tcp(rule, left, builder)
    if isinstance(fallback.to, Host) and not writer.capabilities.hosts.has(
        scope.cluster.release
    ):  # refused already, once for all rules
        fallback = replace(fallback, to=Pods(namespace=scope.namespaces[0]))
    return rule.through(fallback, {host.pattern.text for host in left})


def _check_tcp(rule: Rule, left: list[Host], builder: LoweredBuilder) -> None:
    ports = merge_ports(port for host in left for port in host.ports or rule.ports)
    others = ", ".join(str(each) for each in ports if each.protocol is not Protocol.TCP)
    if others:
        builder.refuse_rule(
            rule,
            rule.at,
            Refusal(
                id="proxy-takes-tcp",
                why=f"its hosts go through a proxy, which takes TCP only, not {others}",
                remedy=f"take {others} out of the rule, or use cilium or calico-enterprise",
            ),
        )
