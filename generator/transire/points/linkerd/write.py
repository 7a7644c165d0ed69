"""An EgressNetwork that denies, and a route for each host and port of a namespace.

One kind of route on a port, since Linkerd takes one kind and drops the others; always with the
port, since a route without one holds for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from transire.model.http import BELOW, ONE_SEGMENT, Http, PathPattern
from transire.model.late_tls import LATE_TLS
from transire.model.names import HostKind, HostPattern
from transire.model.pod_selector import EVERY_POD
from transire.points.api.target import Listener, PointRule, PointTarget
from transire.points.api.written import PointRefusal, Written
from transire.points.linkerd.facts import CAVEATS, CLEAR_PORTS, GROUP, NETWORK
from transire.yamlio.writer import write as yaml

Tree = dict[str, Any]
_NAME = "egress"
_ROUTES = {
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "TLSRoute": "gateway.networking.k8s.io/v1alpha2",
}
_SSH = 22


def write(target: PointTarget) -> Written:
    """A file for each namespace, or refusals."""
    refusals = tuple(dict.fromkeys(_refusals(target)))
    if refusals or not target.listeners:
        nobody = _refusal("mesh", "empty", "no pods are in the mesh", "leave the mesh out")
        return Written(refusals=refusals or (nobody,))
    files = {
        f"{each.pods.namespace}.yaml": "---\n".join(map(yaml, _objects(each)))
        for each in target.listeners
    }
    return Written(files=files, caveats=CAVEATS)


def _refusal(rule: str, ident: str, why: str, remedy: str) -> PointRefusal:
    return PointRefusal(rule=rule, id=f"linkerd-{ident}", why=why, remedy=remedy)


def _refusals(target: PointTarget) -> Iterator[PointRefusal]:
    cni = "leave it to the CNI policy"
    if target.denied or not target.server_names or target.clear_ports != CLEAR_PORTS:
        why = "Linkerd compares names, denies no ranges, and has requests in clear on port 80"
        yield _refusal("mesh", "target", why, "leave the rest to the CNI policy")
    for listener in target.listeners:
        pods = listener.pods
        if pods.selectors != EVERY_POD or pods.name != pods.namespace or pods.port:
            why = f"a network is for a namespace, and {pods.name} is not the whole of one"
            yield _refusal(pods.name, "pods", why, cni)
        for rule in listener.rules:
            yield from _rule_refusals(rule)
        yield from _mixed(listener)


def _rule_refusals(rule: PointRule) -> Iterator[PointRefusal]:
    cni = "leave the rule to the CNI policy"
    for host in rule.hosts:
        if host.kind not in {HostKind.EXACT, HostKind.ANY_DEPTH}:
            why = f"Linkerd knows * as any depth, so that {host} cannot be exact"
            yield _refusal(rule.name, "one-label", why, "name the hosts, or write **")
        if "_" in host.text:
            why = f"routes take no host with an underscore, such as {host}"
            yield _refusal(rule.name, "underscore", why, cni)
    if rule.tls is not None:
        why = "Linkerd starts no TLS towards an origin"
        yield _refusal(rule.name, "originate", why, "leave tls out, or use another proxy")
    for each in rule.ports:
        if each.first != each.last:
            why = f"a route is for one port, and {each} is a range"
            yield _refusal(rule.name, "port-range", why, "list the ports")
        elif rule.http is None and each.first in {*LATE_TLS, _SSH}:
            why = f"on port {each.first} no name of TLS comes first, and TCP opens every address"
            yield _refusal(rule.name, "tcp", why, cni)


def _kind(rule: PointRule, port: int) -> str:
    return "HTTPRoute" if rule.http is not None or port in CLEAR_PORTS else "TLSRoute"


def _mixed(listener: Listener) -> Iterator[PointRefusal]:
    """Ports of a namespace that would need two kinds of routes."""
    kinds: dict[int, str] = {}
    for rule in listener.rules:
        for port in _ports(rule):
            if kinds.setdefault(port, _kind(rule, port)) != _kind(rule, port):
                why = f"port {port} of {listener.pods.name} would have routes of two kinds"
                yield _refusal(rule.name, "two-kinds", why, "let one kind alone have the port")


def _ports(rule: PointRule) -> tuple[int, ...]:
    return tuple(each.first for each in rule.ports if each.first == each.last)


def _objects(listener: Listener) -> list[Tree]:
    namespace = listener.pods.namespace
    policy = "Allow" if listener.audit else "Deny"
    network = _made(f"{GROUP}/v1alpha1", NETWORK, namespace, _NAME, {"trafficPolicy": policy})
    objects = [network]
    for host in sorted({host for rule in listener.rules for host in rule.hosts}):
        covering = [
            rule for rule in listener.rules if any(_covers(each, host) for each in rule.hosts)
        ]
        for port in sorted({port for rule in covering for port in _ports(rule)}):
            rules = [rule for rule in covering if port in _ports(rule)]
            objects.append(_route(namespace, host, port, rules))
    return objects


def _covers(pattern: HostPattern, host: HostPattern) -> bool:
    if pattern == host:
        return True
    return pattern.kind is HostKind.ANY_DEPTH and host.text.endswith(f".{pattern.parent}")


def _route(namespace: str, host: HostPattern, port: int, rules: list[PointRule]) -> Tree:
    kind = _kind(rules[0], port)
    written = f"*.{host.parent}" if host.kind is HostKind.ANY_DEPTH else host.text
    there = {"group": GROUP, "kind": NETWORK, "name": _NAME}
    led: Tree = {"backendRefs": [there]}
    matches = _matches(rules) if kind == "HTTPRoute" else []
    if matches:
        led["matches"] = matches
    spec = {
        "parentRefs": [{**there, "port": port}],
        "hostnames": [written],
        "rules": [led],
    }
    digest = sha256(f"{written}:{port}".encode()).hexdigest()[:12]
    return _made(_ROUTES[kind], kind, namespace, f"egress-{port}-{digest}", spec)


def _matches(rules: Iterable[PointRule]) -> list[Tree]:
    """The requests that any rule lets through; none where one lets all through."""
    found: list[Tree] = []
    for rule in rules:
        if rule.http is None or rule.http == Http():
            return []
        for method in rule.http.methods or ("",):
            for path in rule.http.paths or (None,):
                match: Tree = {} if path is None else {"path": _path(path)}
                found.append({**match, "method": method} if method else match)
    return found


def _path(path: PathPattern) -> Tree:
    if path.is_exact:
        return {"type": "Exact", "value": path.text}
    wild = {ONE_SEGMENT: "[^/]+", BELOW: ".*"}
    text = "/" + "/".join(wild.get(each, re.escape(each)) for each in path.segments)
    return {"type": "RegularExpression", "value": text}


def _made(api: str, kind: str, namespace: str, name: str, spec: Tree) -> Tree:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}
