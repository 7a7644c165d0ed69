"""Routes: what one rule lets through for some hosts, and what becomes of everything else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from transire.model.http import BELOW, ONE_SEGMENT, PathPattern, Tls
from transire.points.api.target import Listener, PointRule
from transire.points.envoy.facts import (
    AUDITED,
    DENIED,
    LOGGED,
    OPEN,
    ORIGINATED,
    RBAC_FILTER,
    RBAC_PER_ROUTE,
    WOULD_DENY,
)
from transire.points.envoy.write.authority import expression, may_be_bare
from transire.yamlio.writer import YamlTree

Route = Mapping[str, YamlTree]

_FORBIDDEN = 403
_TUNNEL: Mapping[str, YamlTree] = {"connect_matcher": {}}
_ANY_PATH: Mapping[str, YamlTree] = {"prefix": "/"}
_IN_CLEAR: Mapping[str, YamlTree] = {"name": ":scheme", "string_match": {"exact": "http"}}
"""A request for `https:` that is sent in clear would go on in clear to port 80."""


def rule_routes(rule: PointRule, host: str, listener: Listener) -> Iterator[Route]:
    """The routes of a rule of a listener for the names that the expression `host` takes."""
    tls = rule.tls is Tls.ORIGINATE
    bare = may_be_bare(rule.ports, tls=tls)
    authority = _header(":authority", expression(host, rule.ports, bare=bare))
    if rule.http is None:
        tunnel = _header(":authority", expression(host, rule.ports, bare=False))
        yield _route(rule.name, {**_TUNNEL, "headers": [tunnel]}, OPEN)
        yield _route(rule.name, {**_ANY_PATH, "headers": [authority, _IN_CLEAR]}, OPEN)
        return
    methods = "|".join(map(re.escape, rule.http.methods))
    method = [_header(":method", methods)] if methods else []
    for path in map(path_match, rule.http.paths) if rule.http.paths else (_ANY_PATH,):
        match = {**path, "headers": [authority, _IN_CLEAR, *method]}
        yield _route(rule.name, match, ORIGINATED if tls else OPEN)
        if tls and not bare and may_be_bare(rule.ports, tls=False):
            # without its port it would go on in clear, for a rule that comes later
            unwritten = _header(":authority", f"(?i){host}")
            yield _denied({**path, "headers": [unwritten, *method]}, listener)


def last_routes(listener: Listener) -> tuple[Route, ...]:
    """What becomes of tunnels and requests that no rule has."""
    if not listener.audit:
        return _denied(_TUNNEL, listener), _denied(_ANY_PATH, listener)
    return (
        _route(WOULD_DENY, _TUNNEL, AUDITED),
        _route(WOULD_DENY, {**_ANY_PATH, "headers": [_IN_CLEAR]}, AUDITED),
        _denied(_ANY_PATH, listener),
    )


def path_match(path: PathPattern) -> Mapping[str, YamlTree]:
    """What a normalised path without its query has to be so that the pattern stands for it."""
    if path.is_exact:
        return {"path": path.text}
    *before, last = path.segments
    if last == BELOW and ONE_SEGMENT not in before:
        return {"prefix": path.text.removesuffix(BELOW)}
    parts = ["[^/]+" if each == ONE_SEGMENT else re.escape(each) for each in before]
    end = {BELOW: ".*", ONE_SEGMENT: "[^/]+"}.get(last, re.escape(last))
    return {"safe_regex": {"regex": "/" + "/".join([*parts, end])}}


def _header(name: str, regex: str) -> Mapping[str, YamlTree]:
    return {"name": name, "string_match": {"safe_regex": {"regex": regex}}}


def _route(name: str, match: Mapping[str, YamlTree], cluster: str) -> Route:
    action: dict[str, YamlTree] = {"cluster": cluster, "timeout": "0s"}
    if "connect_matcher" in match:
        action["upgrade_configs"] = [{"upgrade_type": "CONNECT", "connect_config": {}}]
    verdict = name if name == WOULD_DENY else "allowed"
    return {"name": name, "match": match, "route": action, "metadata": _logged(verdict)}


def _denied(match: Mapping[str, YamlTree], listener: Listener) -> Route:
    return {
        "name": DENIED,
        "match": match,
        "direct_response": {
            "status": _FORBIDDEN,
            "body": {"inline_string": denied_text(listener)},
        },
        "typed_per_filter_config": {RBAC_FILTER: {"@type": RBAC_PER_ROUTE}},
        "metadata": _logged(DENIED),
    }


def _logged(verdict: str) -> Mapping[str, YamlTree]:
    """The verdict for the access log; a check of addresses may still deny what is allowed here."""
    return {"filter_metadata": {LOGGED: {"verdict": verdict}}}


def denied_text(listener: Listener) -> str:
    """What a pod reads whose request is refused: why, and what to edit."""
    namespace = listener.pods.namespace
    file = listener.file or "the values file of the team"
    return (
        f"transire: no egress rule of namespace {namespace} has this host, port, method and path; "
        f"add a rule in {file}, or correct the request\n"
    )
