"""What a probe tries: every name and address that its pod may reach, then what it must not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from transire.delivery.probe.wearers import Wearer
from transire.meaning.hosts import matches
from transire.meaning.target import Target
from transire.model.destinations import AddressRange, Entity, Host, Pods, shown_labels
from transire.model.intent import Destination, Mode, Rule
from transire.model.names import HostKind, HostPattern
from transire.model.net import Network, PortRange, Protocol, contains
from transire.model.probe import Canary

_TLS = frozenset({443, 6443, 8443, 9443})
_HTTP = frozenset({80, 8080})

_WILDCARD = "a wildcard is no name; give one with --host"
_RANGE = "a range is no address"
_INSIDE = "what is inside the cluster is not tried"
_NO_TCP = "only TCP shows whether something is reached"
_NO_PROXY = "the host is delegated to a proxy whose address is not known; give --proxy"
_NOT_DELEGATED_TO_PROXY = "the host is delegated, and to no proxy"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Attempt:
    """One connection that a probe opens.

    `want` is `allow` or `deny`, `about` the rule that allows it, or what it is. `proxy` is a URL,
    or empty for a direct connection.
    """

    want: str
    host: str
    port: int
    proxy: str = ""
    about: str = field(compare=False)

    @property
    def how(self) -> str:
        """What a client speaks on the port as a rule: tls, http or nothing (tcp)."""
        if self.port in _TLS:
            return "tls"
        return "http" if self.port in _HTTP else "tcp"

    @property
    def line(self) -> str:
        """As the script reads it."""
        parts = (self.want, self.how, self.host, str(self.port), self.proxy or "-", self.about)
        return "|".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Left:
    """Something that a probe does not try, and why."""

    what: str
    why: str

    @property
    def line(self) -> str:
        """As the script reads it."""
        return f"left|{self.what}|{self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the pod of one probe tries, in order, and what it leaves out."""

    wearer: Wearer
    attempts: tuple[Attempt, ...]
    left: tuple[Left, ...]

    @property
    def text(self) -> str:
        """As the script reads it."""
        lines = [each.line for each in self.attempts] + [each.line for each in self.left]
        return "".join(f"{each}\n" for each in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """How a target is tried.

    `became` holds, for a rule and a host, what an accepted approximation made of it. `delegated`
    are hosts, by rule and spelling, that a fallback decides; `by_proxy` whether it is a proxy and
    `proxy` its URL, or empty. `names` are tried besides, with what the values make of them.
    """

    target: Target
    canaries: tuple[Canary, ...]
    became: Mapping[tuple[str, str], Sequence[HostPattern]]
    delegated: frozenset[tuple[str, str]]
    by_proxy: bool
    proxy: str
    names: tuple[Canary, ...]

    def plan(self, wearer: Wearer) -> Plan:
        """What a pod tries: what its rules allow, then canaries that none of them allows."""
        rules = [
            part
            for rule in (*self.target.rules, *self.target.everyone)
            if wearer.worn_for(rule)
            for part in rule.parts
        ]
        found = [each for rule in rules for each in self._rule(rule)]
        found += [each for name in self.names for each in self._name(name, rules)]
        found += [each for canary in self.canaries for each in self._canary(canary, rules)]
        attempts = [each for each in found if isinstance(each, Attempt)]
        return Plan(
            wearer=wearer,
            attempts=tuple(
                sorted({(e.want, e.host, e.port, e.proxy): e for e in attempts}.values())
            ),
            left=tuple(sorted({each for each in found if isinstance(each, Left)})),
        )

    def _rule(self, rule: Rule) -> Iterator[Attempt | Left]:
        for each in rule.destinations:
            for port in rule.ports:
                yield self._destination(rule, each, port)

    def _destination(self, rule: Rule, each: Destination, port: PortRange) -> Attempt | Left:
        what = f"{_shown(each)} port {port} of rule {rule.name}"
        if isinstance(each, Pods | Entity):
            return Left(what=what, why=_INSIDE)
        if port.protocol is not Protocol.TCP:
            return Left(what=what, why=_NO_TCP)
        if isinstance(each, AddressRange):
            if each.cidr.num_addresses > 1:
                return Left(what=what, why=_RANGE)
            return self._allowed(rule, str(each.cidr.network_address), port.first)
        if each.pattern.kind is not HostKind.EXACT:
            return Left(what=what, why=_WILDCARD)
        return self._host(rule, each.pattern, each.pattern.text, port.first, what)

    def _host(
        self, rule: Rule, pattern: HostPattern, name: str, port: int, what: str
    ) -> Attempt | Left:
        if (rule.name, pattern.text) not in self.delegated:
            return self._allowed(rule, name, port)
        if not self.by_proxy:
            return Left(what=what, why=_NOT_DELEGATED_TO_PROXY)
        if not self.proxy:
            return Left(what=what, why=_NO_PROXY)
        return self._allowed(rule, name, port, self.proxy)

    def _allowed(self, rule: Rule, host: str, port: int, proxy: str = "") -> Attempt:
        return Attempt(want="allow", host=host, port=port, proxy=proxy, about=f"rule {rule.name}")

    def _name(self, name: Canary, rules: Sequence[Rule]) -> Iterator[Attempt | Left]:
        found = [each for rule in rules for each in self._named_by(rule, name)]
        if found:
            yield found[0]
        else:
            yield from self._denied(name, "no rule lists it")

    def _named_by(self, rule: Rule, name: Canary) -> Iterator[Attempt | Left]:
        if not any(_has(port, name.port) for port in rule.ports):
            return
        what = f"{name} of rule {rule.name}"
        for each in rule.destinations:
            if isinstance(each, Host) and name.name and self._matches(rule, each.pattern, name):
                yield self._host(rule, each.pattern, name.name, name.port, what)
            elif isinstance(each, AddressRange) and _holds(each.cidr, name.address):
                yield self._allowed(rule, name.host, name.port)

    def _canary(self, canary: Canary, rules: Sequence[Rule]) -> Iterator[Attempt | Left]:
        for rule in rules:
            if next(self._named_by(rule, canary), None) is not None:
                yield Left(what=f"canary {canary}", why=f"rule {rule.name} allows it")
                return
        yield from self._denied(canary, "canary")

    def _denied(self, canary: Canary, about: str) -> Iterator[Attempt | Left]:
        if self.target.mode is Mode.AUDIT:
            yield Left(
                what=f"{about} {canary}", why="the namespace is in audit, which denies nothing"
            )
            return
        yield Attempt(want="deny", host=canary.host, port=canary.port, about=about)
        if self.proxy:
            yield Attempt(
                want="deny", host=canary.host, port=canary.port, proxy=self.proxy, about=about
            )

    def _matches(self, rule: Rule, pattern: HostPattern, name: Canary) -> bool:
        read = (pattern, *self.became.get((rule.name, pattern.text), ()))
        return any(matches(each, name.name) for each in read)


def control_plan(canaries: Sequence[Canary]) -> Plan:
    """What a pod without policies tries: every canary, all of which it has to reach."""
    return Plan(
        wearer=Wearer(),
        attempts=tuple(
            Attempt(want="allow", host=each.host, port=each.port, about="canary")
            for each in canaries
        ),
        left=(),
    )


def _has(ports: PortRange, port: int) -> bool:
    return ports.protocol is Protocol.TCP and ports.first <= port <= ports.last


def _holds(cidr: Network, address: Network | None) -> bool:
    return address is not None and address.version == cidr.version and contains(cidr, address)


def _shown(each: Destination) -> str:
    match each:
        case Host():
            return each.pattern.text
        case AddressRange():
            return str(each.cidr)
        case Pods():
            return f"pods {each.where}/{shown_labels(each.labels)}"
        case Entity():
            return str(each.kind)
