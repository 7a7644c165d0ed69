"""Targets whose inputs are one line or one document: hosts, selectors, queries, cluster files."""

from __future__ import annotations

import json
from contextlib import suppress
from fnmatch import fnmatchcase
from ipaddress import ip_address

from support.fuzz.target import same
from transire.engines.calico.objects.domains import Domain, domain_fault
from transire.engines.calico.objects.domains import host_set as calico_hosts
from transire.engines.calico.objects.selector import Labels
from transire.engines.calico.objects.selector_forms import TooManyFormsError, conjunctions
from transire.engines.calico.objects.selector_grammar import (
    IntricateSelectorError,
    SelectorError,
    parse_selector,
)
from transire.engines.calico.sets.pod_sets import pod_set
from transire.engines.cilium.objects.fqdn import NamePattern
from transire.flows.pod_set import Workload
from transire.k8s.label_selector import SELECTOR, read_selector, selector_fault
from transire.k8s.typed_decoding import decode
from transire.meaning.host_sets import covers, host_set
from transire.meaning.hosts import matches
from transire.model.names import HostPattern
from transire.model.problems import Rejected, Unjudgeable
from transire.queries.cluster_json import cluster_from_json
from transire.queries.query import Connection
from transire.queries.query_json import QueryReader
from transire.queries.query_notation import destination_from, source_from

_NAMES = ("a.example.com", "b.a.example.com", "example.com", "a-b.s3.example.com", "x")
_LABELS: tuple[dict[str, str], ...] = (
    {},
    {"app": "web"},
    {"app": "web-1", "tier": "front"},
    {"tier": "", "example.com/team": "a.b"},
)
_PATH = "file"
_FEW = 16
"""Of so many lengths of a host one is compared as a set, which takes a hundred times as long."""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def hosts(data: bytes) -> None:
    """A host of values files and of both engines that have a grammar of their own."""
    text = _text(data)
    in_full = len(text) % _FEW == 0
    with suppress(Unjudgeable):  # a pattern may be too intricate for a set
        _host_of_values(text, in_full=in_full)
        for minor in (17, 19):
            pattern = NamePattern.of(text, minor=minor)
            names = pattern.hosts() if in_full else None
            for name in _NAMES:
                found = pattern.matches(name)
                if names is not None:
                    same(found, name in names, f"{text!r} of Cilium 1.{minor} and {name}")
        if in_full and text and not domain_fault(text):
            domain = Domain(text.lower())
            names = calico_hosts([domain])
            for name in _NAMES:
                same(domain.matches(name), name in names, f"domain {text!r} and {name}")


def _host_of_values(text: str, *, in_full: bool) -> None:
    try:
        pattern = HostPattern.parse(text)
    except ValueError:
        return
    same(HostPattern.parse(pattern.text), pattern, "a host is its own canonical form")
    for name in (*_NAMES, pattern.example(), pattern.parent):
        if name:
            found = _expected(pattern.text, name)
            same(matches(pattern, name), found, f"host {text!r} and {name}")
    if in_full:
        names = host_set(pattern)
        same(covers(pattern, pattern), True, f"{text!r} covers itself")
        for name in (*_NAMES, pattern.example()):
            same(matches(pattern, name), name in names, f"host {text!r} as a set and {name}")


def _expected(pattern: str, name: str) -> bool:
    """Whether the name is meant: `*` stands for a part of a label, `**` first for some labels."""
    parts, labels = pattern.split("."), name.split(".")
    if parts[0] == "**":
        more = len(labels) - len(parts) + 1
        parts, labels = parts[1:], labels[more:]
        if more < 1:
            return False
    return len(parts) == len(labels) and all(
        label != "" and fnmatchcase(label, part) for part, label in zip(parts, labels, strict=True)
    )


def selectors(data: bytes) -> None:
    """A selector of Calico, or one of Kubernetes where the text is a JSON object."""
    text = _text(data)
    if text.startswith("{"):
        _selector_of_kubernetes(text)
        return
    try:
        selector = parse_selector(text)
    except (SelectorError, IntricateSelectorError):
        return
    try:
        pods = pod_set(selector)
    except Unjudgeable:
        return
    for labels in _LABELS:
        seen = selector.holds(Labels(known=_as_seen(labels)))
        same(seen, Workload(namespace="shop", labels=labels) in pods, f"{text!r} and {labels}")
    try:
        conjunctions(selector)
    except TooManyFormsError:
        return


def _as_seen(labels: dict[str, str]) -> dict[str, str]:
    """What Calico adds to the labels of a pod."""
    return {
        **labels,
        "projectcalico.org/namespace": "shop",
        "projectcalico.org/orchestrator": "k8s",
        "projectcalico.org/serviceaccount": "default",
        "pcns.projectcalico.org/name": "shop",
        "pcsa.projectcalico.org/name": "default",
    }


def _selector_of_kubernetes(text: str) -> None:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return
    decoded = decode(tree, SELECTOR)
    if decoded.misfits or selector_fault(decoded.value, ""):
        return
    selector = read_selector(decoded.value)
    try:
        pods = selector.pods()
    except Unjudgeable:
        return
    for labels in _LABELS:
        found = Workload(namespace="shop", labels=labels) in pods
        same(selector.matches(labels), found, f"{text} and {labels}")


def queries(data: bytes) -> None:
    """A line of a file of queries, or `FROM TO` in the notation of the command line."""
    text = _text(data)
    if text.startswith("{"):
        try:
            QueryReader(path=_PATH).query(text, line=1)
        except Rejected:
            return
        return
    origin, _, destination = text.partition(" ")
    try:
        source_from(origin)
        found = destination_from(destination)
    except ValueError:
        return
    if isinstance(found, Connection) and found.ip is not None:
        same(ip_address(str(found.ip)), found.ip, f"address in {destination!r}")
    line = json.dumps({"id": "1", "from": origin, "to": destination})
    same(QueryReader(path=_PATH).query(line, line=1).what, found, f"{destination!r} as JSON")


def clusters(data: bytes) -> None:
    """A file of what a cluster holds."""
    try:
        cluster = cluster_from_json(_text(data), path=_PATH)
    except Rejected:
        return
    same(cluster_from_json(_text(data), path=_PATH), cluster, "a cluster read twice")
