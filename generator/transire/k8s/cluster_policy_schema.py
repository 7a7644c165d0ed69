"""The schema of ClusterNetworkPolicy in `policy.networking.k8s.io/v1alpha2`, with its bounds.

Source: the definitions of network-policy-api v0.2.0, of the standard and the experimental channel.
"""

from __future__ import annotations

from types import MappingProxyType

from transire.k8s.go_cidr import parse_network
from transire.k8s.label_selector import SELECTOR_SCHEMA
from transire.k8s.schema_check import Fields, Many, Shape, Text, Whole, one_field, some_fields
from transire.model.net import MAX_PORT

MAX_PRIORITY, MAX_NAME = 1000, 100
MAX_ITEMS = 25
"""Rules, peers, protocols, networks and domain names that one list may hold."""
TIERS = ("Admin", "Baseline")
ACTIONS = ("Accept", "Deny", "Pass")


def _is_domain(text: str) -> bool:
    labels = text.removeprefix("*.").removesuffix(".").split(".")
    plain = "".join(labels).replace("-", "").replace("_", "")
    return len(labels) > 1 and plain.isascii() and plain.isalnum() and all(map(_is_label, labels))


def _is_label(text: str) -> bool:
    return bool(text) and text[0] not in "-_" and text[-1] not in "-_"


_TEXT = Text()
_NUMBER = Whole(lowest=1, highest=MAX_PORT)
_BETWEEN = some_fields("start", "end", start=_NUMBER, end=_NUMBER)
_PORT = some_fields("destinationPort", destinationPort=one_field(number=_NUMBER, range=_BETWEEN))
_PROTOCOL = one_field(tcp=_PORT, udp=_PORT, sctp=_PORT, destinationNamedPort=_TEXT)
_NETWORK = Text(
    form=lambda text: parse_network(text) is not None, noun="a range such as 198.51.100.0/24"
)
_DOMAIN = Text(form=_is_domain, noun="a host name, with or without *. in front")
_PODS = some_fields("podSelector", namespaceSelector=SELECTOR_SCHEMA, podSelector=SELECTOR_SCHEMA)
_NEAR: dict[str, Shape] = {"namespaces": SELECTOR_SCHEMA, "pods": _PODS}
_NETWORKS: dict[str, Shape] = {
    "networks": Many(item=_NETWORK, least=1, most=MAX_ITEMS, distinct=True)
}
_EXPERIMENTAL: dict[str, Shape] = {
    "nodes": SELECTOR_SCHEMA,
    **_NETWORKS,
    "domainNames": Many(item=_DOMAIN, least=1, most=MAX_ITEMS, distinct=True),
}

SUBJECT = one_field(**_NEAR)
"""Whom a policy is for, and who may be a source; the older kinds have the same fields."""
DESTINATION = one_field(**_NEAR, **_NETWORKS)
"""What may be a destination in the standard channel, and in the older kinds."""
WITHOUT_PORT_NAMES = frozenset(_EXPERIMENTAL)
"""The destinations that have no ports by name."""


def _rules(key: str, peer: Fields) -> Many:
    item = some_fields(
        "action",
        key,
        name=Text(longest=MAX_NAME),
        action=Text(choices=ACTIONS),
        protocols=Many(item=_PROTOCOL, least=1, most=MAX_ITEMS),
        **{key: Many(item=peer, least=1, most=MAX_ITEMS)},
    )
    return Many(item=item, most=MAX_ITEMS)


def _schema(destination: Fields) -> Fields:
    spec = some_fields(
        "priority",
        "subject",
        "tier",
        tier=Text(choices=TIERS),
        priority=Whole(lowest=0, highest=MAX_PRIORITY),
        subject=SUBJECT,
        ingress=_rules("from", SUBJECT),
        egress=_rules("to", destination),
    )
    return Fields(fields=MappingProxyType({"spec": spec}), needs=frozenset({"spec"}))


STANDARD = _schema(DESTINATION)
"""An object beside its metadata, in the standard channel."""
EXPERIMENTAL = _schema(one_field(**_NEAR, **_EXPERIMENTAL))
"""The same in the experimental channel, which has more destinations."""
