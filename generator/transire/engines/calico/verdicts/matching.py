"""Whether one rule matches one flow: True, False, or None where something unknown decides."""

from __future__ import annotations

from transire.engines.calico.objects.fields import ICMP, ICMPV6, Ports
from transire.engines.calico.objects.rules import CalicoAction, CalicoRule, Entity
from transire.engines.calico.verdicts.endpoint import Endpoint

_PROTOCOL_NAMES = {6: "TCP", 17: "UDP", 132: "SCTP"}


def matches_before(rule: CalicoRule, source: Endpoint, protocol: int, port: int) -> bool | None:
    """What is known without the destination, except that its ports may go by name.

    Args:
        rule: the rule.
        source: the pod that sends, with its address of the flow's IP version.
        protocol: the protocol's number.
        port: the destination port, or the ICMP type.
    """
    if rule.protocol is not None and rule.protocol != protocol:
        return False
    if rule.not_protocol is not None and rule.not_protocol == protocol:
        return False
    ports, not_ports = rule.destination.ports, rule.destination.not_ports
    if ports is not None and not ports.names and not ports.holds(port):
        return False
    if not_ports is not None and not_ports.holds(port):
        return False
    found = _icmp(rule, protocol, port)
    if found is False:
        return False
    sent = _source(rule.source, source, allow=rule.action is CalicoAction.ALLOW)
    return False if sent is False else True if found and sent else None


def matches_after(rule: CalicoRule, to: Endpoint, protocol: int, port: int) -> bool | None:
    """Whether the destination matches; a rule matches where both parts do."""
    found: bool | None = True
    if rule.family is not None and rule.family != to.family:
        if to.family is not None:
            return False
        found = None
    if rule.entry is not None:
        return None
    for check in CHECKS:
        matched = check(rule, to, protocol, port)
        if matched is False:
            return False
        found = found and matched
    return found


def _as_api_server(rule: CalicoRule, to: Endpoint, protocol: int, port: int) -> bool | None:
    del protocol
    return to.is_api_server(port) if rule.api_server else True


def _as_address(rule: CalicoRule, to: Endpoint, protocol: int, port: int) -> bool | None:
    del protocol, port
    return _address(rule.destination, to, allow=rule.action is CalicoAction.ALLOW)


def _as_name(rule: CalicoRule, to: Endpoint, protocol: int, port: int) -> bool | None:
    del protocol, port
    domains = rule.destination.domains
    return not domains or any(each.matches(to.learnt) for each in domains)


def _as_named_port(rule: CalicoRule, to: Endpoint, protocol: int, port: int) -> bool | None:
    entity = rule.destination
    return _by_name(entity, to, protocol, port) if _has_names(entity) else True


CHECKS = (_as_name, _as_address, _as_named_port, _as_api_server)


def _has_names(entity: Entity) -> bool:
    ports, not_ports = entity.ports, entity.not_ports
    return bool(ports and ports.names) or bool(not_ports and not_ports.names)


def _by_name(entity: Entity, to: Endpoint, protocol: int, port: int) -> bool | None:
    """Whether ports that go by name match; the numbers alone are matched before."""
    found: bool | None = True
    if entity.ports is not None:
        found = _named(entity.ports, entity, to, protocol, port)
    if found is not False and entity.not_ports is not None and entity.not_ports.names:
        excluded = _named(entity.not_ports, entity, to, protocol, port)
        found = False if excluded else None if excluded is None else found
    return found


def _icmp(rule: CalicoRule, protocol: int, number: int) -> bool | None:
    if protocol not in {ICMP, ICMPV6}:
        return True
    found: bool | None = True if rule.icmp is None else rule.icmp.holds(number)
    excluded = False if rule.not_icmp is None else rule.not_icmp.holds(number)
    if found is False or excluded is True:
        return False
    return None if excluded is None else found


def _source(entity: Entity, source: Endpoint, *, allow: bool) -> bool | None:
    """Source ports are chosen by the kernel, so a rule with such ports may or may not match."""
    found = _address(entity, source, allow=allow)
    if found and (entity.ports is not None or entity.not_ports is not None):
        return None
    return found


def _address(entity: Entity, end: Endpoint, *, allow: bool) -> bool | None:
    found: bool | None = True
    if entity.nets:
        found = end.inside(entity.nets)
    if found is not False and entity.not_nets:
        out = end.inside(entity.not_nets)
        found = False if out else None if out is None else found
    if found is not False and entity.members is not None:
        member = end.is_member(entity.members, allow=allow)
        found = False if member is False else None if member is None else found
    if found is not False and entity.excluded is not None:
        member = end.is_member(entity.excluded, allow=False)
        found = False if member else None if member is None else found
    return found


def _named(ports: Ports, entity: Entity, to: Endpoint, protocol: int, port: int) -> bool | None:
    if ports.holds(port):
        return True
    name = _PROTOCOL_NAMES.get(protocol)
    if name is None:
        return False
    return to.has_named_port(ports.names, port, name, entity.members)
