"""One route: what it takes, and what becomes of that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from transire.flows.host_set import HostSet
from transire.flows.port_set import PortSet
from transire.flows.request_set import Request, RequestSet
from transire.model.problems import Unjudgeable
from transire.points.envoy import facts
from transire.points.envoy.read.authority import Authority, authority
from transire.points.envoy.read.clusters import Way
from transire.points.envoy.read.conditions import (
    Condition,
    Form,
    header_condition,
    judged,
    regex_condition,
)
from transire.points.envoy.read.tree import Branch

_EVERY = Authority(hosts=HostSet.everything(), ports=PortSet.everything(), bare=True)
_ROUTE = ("name", "match", "route", "direct_response", "typed_per_filter_config")
_PATHS = ("prefix", "path", "safe_regex")
_HEADERS = (":authority", ":scheme", ":method")
_ACTION = ("cluster", "upgrade_configs")
_ACTION_NO_EFFECT = ("timeout", "idle_timeout", "max_stream_duration")
_LITERAL = re.compile(r"/[!\"$-.0-9:-@A-Z\[\]^-~/]*")
_TERMINATED = [{"upgrade_type": "CONNECT", "connect_config": {}}]


class Action(Enum):
    """What becomes of what a route takes."""

    PASSED = "passed on"
    AUDITED = "passed on, and logged as what would be denied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route: tunnels, or requests in clear, by authority, method and path; None is every one.

    `tls` is whether what is passed on goes by TLS.
    """

    name: str
    action: Action
    tunnel: bool
    expression: str | None
    method: Condition | None
    path: Condition | None
    tls: bool = False

    @property
    def authority(self) -> Authority:
        """The authorities that it takes."""
        return _EVERY if self.expression is None else authority(self.expression)

    @property
    def takes_all(self) -> bool:
        """Whether it takes every tunnel, or every request in clear."""
        return self.expression is None and self.method is None and self.path is None

    def requests(self, ports: PortSet) -> RequestSet:
        """What it takes of these ports, on whichever way it goes on."""
        hosts = self.authority.hosts
        if self.tunnel:
            return RequestSet.tunnel(hosts, ports)
        methods = self.method.texts if self.method else None
        paths = self.path.texts if self.path else None
        return RequestSet.union(
            RequestSet.plain(hosts, ports, methods, paths, tls=tls) for tls in (False, True)
        )

    def takes(self, request: Request, written: str) -> bool:
        """Whether it takes one request whose authority is written so."""
        if request.tunnel != self.tunnel:
            return False
        if self.expression is not None and re.fullmatch(self.expression, written) is None:
            return False
        if self.method is not None and not self.method.holds(request.method or ""):
            return False
        return self.path is None or self.path.holds(request.path or "")


def route(tree: Branch, ways: Mapping[str, Way]) -> Route | None:
    """A route of a virtual host; None, noted, where it is not modelled."""
    before = len(tree.unmodelled)
    fields = tree.fields(_ROUTE, ("metadata", "decorator"))
    name = fields["name"].text() if "name" in fields else ""
    match = _match(fields["match"]) if "match" in fields else None
    if match is None:
        tree.note("a route without a match is not modelled")
        return None
    action, tls = _action(fields, ways, tree, name=name, tunnel="connect_matcher" in match)
    found = Route(
        name=name,
        action=action,
        tls=tls,
        tunnel="connect_matcher" in match,
        expression=_expression(match),
        method=_method(match),
        path=_path(match),
    )
    _check_scheme(found, match, tree)
    return found if len(tree.unmodelled) == before else None


def _match(tree: Branch) -> dict[str, Branch]:
    """The fields of a match, with each header by its name."""
    fields = dict(tree.fields(("connect_matcher", *_PATHS, "headers")))
    if sum(each in fields for each in ("connect_matcher", *_PATHS)) != 1:
        tree.note("one of connect_matcher, prefix, path and safe_regex belongs here")
    headers = fields.pop("headers", None)
    for header in headers.items() if headers else ():
        name = header.value.get("name") if isinstance(header.value, Mapping) else None
        if name not in _HEADERS or name in fields:
            header.note(f"the header {name!r} is not modelled here")
        else:
            fields[name] = header
    if "connect_matcher" in fields and not {":method", ":scheme"}.isdisjoint(fields):
        tree.note("a tunnel has no scheme, and its method is CONNECT")
    return fields


def _expression(match: Mapping[str, Branch]) -> str | None:
    header = match.get(":authority")
    condition = header_condition(header) if header else None
    if header is None or condition is None:
        return None
    if condition.form is not Form.REGEX:
        header.note("an authority that is no expression is compared with case")
        return None
    try:
        authority(condition.text)
    except Unjudgeable as error:
        header.note(f"{error.key}: {error.why}")
        return None
    return condition.text


def _method(match: Mapping[str, Branch]) -> Condition | None:
    header = match.get(":method")
    return judged(header_condition(header), header) if header else None


def _path(match: Mapping[str, Branch]) -> Condition | None:
    if "safe_regex" in match:
        return judged(regex_condition(match["safe_regex"]), match["safe_regex"])
    for field, form in (("prefix", Form.PREFIX), ("path", Form.EXACT)):
        if field in match:
            text = match[field].text()
            if _LITERAL.fullmatch(text) is None:
                match[field].note(f"the path {text!r} is not modelled")
            every = form is Form.PREFIX and text == "/"
            return None if every else Condition(form=form, text=text)
    return None


def _check_scheme(found: Route, match: Mapping[str, Branch], tree: Branch) -> None:
    if found.tunnel or found.action is Action.REFUSED:
        if ":scheme" in match:
            match[":scheme"].note("what is refused by its scheme is not modelled")
        return
    condition = header_condition(match[":scheme"]) if ":scheme" in match else None
    if condition != Condition(form=Form.EXACT, text="http"):
        tree.note("a request for https: would go on in clear, for its scheme is not compared")


def _action(
    fields: Mapping[str, Branch], ways: Mapping[str, Way], tree: Branch, *, name: str, tunnel: bool
) -> tuple[Action, bool]:
    """What becomes of it, and whether it goes on by TLS."""
    if "direct_response" in fields and "route" not in fields:
        _check_filters(fields, refused=True)
        return Action.REFUSED, False
    if "route" not in fields or "direct_response" in fields:
        tree.note("what becomes of it is not modelled")
        return Action.REFUSED, False
    _check_filters(fields, refused=False)
    action = fields["route"].fields(_ACTION, _ACTION_NO_EFFECT)
    upgrades = action.get("upgrade_configs")
    if tunnel != (upgrades is not None) or (upgrades and upgrades.value != _TERMINATED):
        fields["route"].note("a tunnel, and nothing else, is to be ended here")
    way = ways.get(action["cluster"].text()) if "cluster" in action else None
    if way not in {Way.CLEAR, Way.TLS}:
        fields["route"].note("the cluster is none that goes on to the host of the request")
    if tunnel and way is Way.TLS:
        fields["route"].note("a tunnel by TLS is not modelled")
    audited = name == facts.WOULD_DENY
    return Action.AUDITED if audited else Action.PASSED, way is Way.TLS


def _check_filters(fields: Mapping[str, Branch], *, refused: bool) -> None:
    """Of a route that passes something on, no filter may be turned off."""
    own = fields.get("typed_per_filter_config")
    if own is None:
        return
    if not refused:
        own.note("a filter is turned off, or works differently, for what is passed on")
        return
    for each in own.fields((facts.RBAC_FILTER,)).values():
        each.typed(facts.RBAC_PER_ROUTE, ())
