"""Recorded cases of real proxies: rules as a point has them, and the request of each case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transire.flows.request_set import Request
from transire.model.http import Http, PathPattern
from transire.model.names import MAX_LABEL, MAX_NAME, HostPattern
from transire.model.net import PortRange
from transire.model.request_paths import normal_path
from transire.points.api.target import Listener, PodClass, PointRule

Case = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainCase:
    """A case whose request is said by its host, port, method and path alone.

    `rules` are those of pods without labels in the namespace of the request.
    """

    name: str
    listener: Listener
    request: Request | None
    """None where no rule with paths can let it through, whatever its paths are."""
    meaning: str


_PLAIN = frozenset({"via", "namespace", "host", "port", "method", "path", "body", "inside"})


def plain_cases(path: Path) -> Iterator[PlainCase]:
    """The cases of a file whose request holds nothing that tells a proxy otherwise."""
    for case in json.loads(path.read_text("utf-8")):
        request = case["request"]
        if (
            set(request) <= _PLAIN
            and request["via"] in {"http", "CONNECT"}
            and can_exist(request["host"])
        ):
            yield PlainCase(
                name=case["id"],
                listener=listener_of(case["values"], request["namespace"]),
                request=request_of(request),
                meaning=case["meaning"],
            )


def can_exist(host: str) -> bool:
    """Whether a name is short enough to be one; how long names are is not modelled in sets."""
    return len(host) <= MAX_NAME and all(len(label) <= MAX_LABEL for label in host.split("."))


def listener_of(values: Case, namespace: str, port: int = 0) -> Listener:
    """What pods without labels of a namespace may have."""
    whole = values["namespaces"].get(namespace, {})
    rules = [each for each in whole.get("egress", ()) if "from" not in each]
    return Listener(
        pods=PodClass(name=namespace, namespace=namespace, port=port),
        rules=tuple(rule_of(namespace, each) for each in rules),
        audit=whole.get("mode") == "audit",
    )


def rule_of(namespace: str, rule: Case) -> PointRule:
    """A rule of the values of a case."""
    http = None
    if "methods" in rule or "paths" in rule:
        http = Http(
            methods=tuple(sorted(rule.get("methods", ()))),
            paths=tuple(sorted(map(PathPattern.parse, rule.get("paths", ())))),
        )
    return PointRule(
        name=f"{namespace}/{rule['name']}",
        hosts=tuple(map(HostPattern.parse, rule["to"])),
        ports=tuple(PortRange.parse(str(each)) for each in rule.get("ports", (443,))),
        http=http,
    )


def request_of(request: Case) -> Request | None:
    """What a request of a case means; None where no rule with paths can have it."""
    host, port = request["host"].lower().removesuffix("."), request["port"]
    if request["via"] == "CONNECT":
        return Request(host=host, port=port)
    try:
        path = normal_path(request.get("path", "/"))
    except ValueError:
        return None
    return Request(host=host, port=port, method=request.get("method", "GET"), path=path)
