"""A configuration taken apart: ports, lists, rules of access, and what is not modelled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from transire.model.problems import Unjudgeable
from transire.points.api.reading import PointUnmodelled
from transire.points.squid.facts import FILE, MOST_PORTS
from transire.points.squid.read.lines import Line, lines
from transire.points.squid.read.lists import BUILT_IN, Acl, Condition, condition

_PORT = re.compile(r"(?:(?:[0-9.]+|\[[0-9A-Fa-f:]+\]|[A-Za-z][-A-Za-z0-9.]*):)?([0-9]{1,5})")

_HARMLESS = frozenset(
    """
    access_log buffered_logs cache cache_effective_group cache_effective_user cache_log cache_mem
    cache_mgr client_lifetime coredump_dir dns_nameservers dns_timeout error_directory
    error_default_language forwarded_for global_internal_static hosts_file htcp_port
    http_upgrade_request_protocols icp_port logfile_rotate logformat max_filedescriptors
    negative_dns_ttl pid_filename pinger_enable positive_dns_ttl refresh_pattern
    request_header_max_size request_timeout shutdown_lifetime strip_query_terms umask via
    visible_hostname workers
    """.split()  # noqa: SIM905 - a list of words
)
"""Directives that let nothing through and stop nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A list in a rule, or its opposite."""

    name: str
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of `http_access`."""

    line: Line
    allow: bool
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a configuration holds; `why_not` are lists that cannot be judged, and why."""

    ports: Mapping[str, int]
    acls: Mapping[str, Acl]
    conditions: Mapping[str, Condition]
    why_not: Mapping[str, str]
    rules: tuple[Rule, ...]
    unmodelled: tuple[PointUnmodelled, ...]


@dataclass(slots=True)
class _Parts:
    ports: dict[str, int] = field(default_factory=dict)
    acls: dict[str, Acl] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    unmodelled: list[PointUnmodelled] = field(default_factory=list)

    def strange(self, line: Line, why: str, listener: str = "") -> None:
        self.unmodelled.append(
            PointUnmodelled(file=line.file, key=line.key, why=why, listener=listener)
        )


def configuration(files: Mapping[str, str]) -> Configuration:
    """The configuration that begins with `squid.conf`."""
    parts = _Parts()
    if FILE not in files:
        parts.strange(Line(file=FILE, number=0, words=()), f"there is no {FILE}")
    for line in lines(FILE, files) if FILE in files else ():
        _read(parts, line)
    conditions, why_not = dict(BUILT_IN), dict[str, str]()
    for acl in parts.acls.values():
        try:
            conditions[acl.name] = condition(acl)
        except Unjudgeable as error:
            why_not[acl.name] = f"{acl.name}: {error.why}"
    return Configuration(
        ports=parts.ports,
        acls=parts.acls,
        conditions=conditions,
        why_not=why_not,
        rules=tuple(parts.rules),
        unmodelled=(*parts.unmodelled, *_of_rules(parts, why_not)),
    )


def _read(parts: _Parts, line: Line) -> None:
    if line.why:
        parts.strange(line, line.why)
        return
    match line.words:
        case ("http_port", address, *options):
            _port(parts, line, address, options)
        case ("acl", name, kind, *values):
            _acl(parts, line, name, kind, values)
        case ("http_access", "allow" | "deny" as action, *terms):
            _rule(parts, line, action, terms)
        case (directive, *_) if directive in _HARMLESS:
            pass
        case (directive, *_):
            parts.strange(line, f"{directive} is not modelled")


def _port(parts: _Parts, line: Line, address: str, options: list[str]) -> None:
    found = _PORT.fullmatch(address)
    names = [option.partition("=")[2] for option in options if option.startswith("name=")]
    name = names[-1] if names else address
    for option in options:
        if not option.startswith("name="):
            parts.strange(line, f"a port with {option} is not modelled", name)
    if len(parts.ports) == MOST_PORTS:
        parts.strange(line, f"Squid serves {MOST_PORTS} ports, and not this one", name)
    if found is None or name in parts.ports:
        parts.strange(line, f"the port {address} is not modelled, or there are two of {name}", name)
    parts.ports[name] = int(found[1]) if found else 0


def _acl(parts: _Parts, line: Line, name: str, kind: str, values: list[str]) -> None:
    flags = set[str]()
    while values and re.fullmatch(r"[-+][a-zA-Z]|--", values[0]):
        flags.add(values.pop(0))
    if name in BUILT_IN:
        parts.strange(line, f"another list of the name {name}, which Squid has, is not modelled")
        return
    before = parts.acls.get(name)
    if before is None:
        parts.acls[name] = Acl(
            name=name,
            kind=kind,
            values=tuple(values),
            flags=frozenset(flags),
            file=line.file,
            line=line.number,
        )
    elif (before.kind, before.flags) != (kind, frozenset(flags)):
        parts.strange(line, f"{name} is a list of another kind above")
    else:
        parts.acls[name] = replace(before, values=(*before.values, *values))


def _rule(parts: _Parts, line: Line, action: str, words: list[str]) -> None:
    terms = tuple(Term(name=word.removeprefix("!"), negated=word.startswith("!")) for word in words)
    for term in terms:
        if term.name not in parts.acls and term.name not in BUILT_IN:
            parts.strange(line, f"there is no list {term.name} above")
    if not terms:
        parts.strange(line, "a rule without a list is not modelled")
    parts.rules.append(Rule(line=line, allow=action == "allow", terms=terms))


def _of_rules(parts: _Parts, why_not: Mapping[str, str]) -> Iterator[PointUnmodelled]:
    """Rules with a list that cannot be judged."""
    for rule in parts.rules:
        for term in rule.terms:
            if term.name in why_not:
                yield PointUnmodelled(
                    file=rule.line.file, key=rule.line.key, why=why_not[term.name]
                )
                break
