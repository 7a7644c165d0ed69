"""The schemas of CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy, release by release.

Both kinds share one schema. Source: the custom resource definitions at the branch points of 1.14
to 1.18, before 1.19 and of 1.20.2; 1.15 has the schema of 1.14.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from types import MappingProxyType

from transire.engines.cilium.objects.icmp import SCHEMA_NAMES
from transire.k8s.go_cidr import parse_network
from transire.k8s.schema_check import (
    Fields,
    Flag,
    Many,
    Shape,
    Table,
    Text,
    Whole,
    WholeOrText,
)
from transire.model.net import MAX_PORT

ENTITIES = (
    "all", "world", "cluster", "host", "init", "ingress", "unmanaged", "remote-node", "health",
    "none", "kube-apiserver",
)  # fmt: skip
V16, V17, V18, V19, V20 = 16, 17, 18, 19, 20
"""Minor releases that changed the schema."""
MOST_PORTS = 40
MOST_FIELDS = 40
LONGEST_NAME = 255

_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_NAME = re.compile(r"[-a-zA-Z0-9_]+(?:\.[-a-zA-Z0-9_]+)*\.?")
_PATTERN = re.compile(r"[-a-zA-Z0-9_*]+(?:\.[-a-zA-Z0-9_*]+)*\.?")
_SERVER_NAME = re.compile(r"(?:\*?\*\.)?[-a-zA-Z0-9_]+(?:\.[-a-zA-Z0-9_]+)*\.?")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
_IPV4_RANGE = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}/(?:[0-9]|[12][0-9]|3[0-2])")
_PAST_LETTER = re.compile(r"(?:-?[0-9])*")
_PORT_NAME = frozenset("-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

_ANY_TEXT = Text()
_TEXTS = Many(item=_ANY_TEXT)


PORTLESS_SINCE_19 = ("VRRP", "IGMP")
PORTLESS_SINCE_20 = ("GRE", "IPIP", "IPV6", "ESP", "AH")
"""Protocols that have no ports."""


def entities_of(minor: int) -> tuple[str, ...]:
    """The names of entities that release 1.`minor` takes."""
    return (*ENTITIES, "cluster-mesh") if minor >= V20 else ENTITIES


@cache
def policy_shape(minor: int) -> Fields:
    """The schema of `spec`, `specs` and what stands beside them, in release 1.`minor`."""
    spec = _spec(minor)
    return Fields(
        fields=MappingProxyType({"spec": spec, "specs": Many(item=spec)}),
        any_of=("spec", "specs") if minor >= V20 else (),
    )


def _spec(minor: int) -> Fields:
    fields: dict[str, Shape] = {
        "description": _ANY_TEXT,
        "labels": Many(
            item=_fields(key=_ANY_TEXT, source=_ANY_TEXT, value=_ANY_TEXT, needs={"key"})
        ),
        "endpointSelector": _SELECTOR,
        "nodeSelector": _SELECTOR,
        "ingress": Many(item=_rule(minor, "from", deny=False)),
        "ingressDeny": Many(item=_rule(minor, "from", deny=True)),
        "egress": Many(item=_rule(minor, "to", deny=False)),
        "egressDeny": Many(item=_rule(minor, "to", deny=True)),
    }
    if minor >= V16:
        fields["enableDefaultDeny"] = _fields(egress=Flag(), ingress=Flag())
    if minor >= V18:
        note = Text(form=_is_printable, noun="printable", longest=32)
        fields["log"] = _fields(value=note)
    sections = ("ingress", "ingressDeny", "egress", "egressDeny")
    return Fields(
        fields=MappingProxyType(fields),
        one_of=("endpointSelector", "nodeSelector"),
        any_of=sections if minor >= V18 else (),
    )


def _rule(minor: int, way: str, *, deny: bool) -> Fields:
    cidr = Text(form=_cidr(minor), noun="an address range such as 198.51.100.0/24")
    fields: dict[str, Shape] = {
        f"{way}Endpoints": Many(item=_SELECTOR),
        f"{way}Entities": Many(item=Text(choices=entities_of(minor))),
        f"{way}CIDR": Many(item=cidr),
        f"{way}CIDRSet": Many(item=_cidr_rule(minor, cidr)),
        "toPorts": Many(item=_ports(minor, deny=deny)),
        "icmps": _icmps(minor),
    }
    if minor < V19:
        fields[f"{way}Requires"] = Many(item=_SELECTOR)
    if minor >= V20:
        fields[f"{way}Requires"] = Many(item=_ANY_TEXT, most=0)
    if minor >= V16:
        fields[f"{way}Nodes"] = Many(item=_SELECTOR)
    if way == "to" or minor >= V16:
        fields[f"{way}Groups"] = Many(item=_GROUP)
    if way == "to":
        fields["toServices"] = Many(item=_SERVICE)
        if not deny:
            fields["toFQDNs"] = Many(item=_name(minor))
    if not deny:
        modes = ("disabled", "required", "test-always-fail")
        fields["authentication"] = _fields(mode=Text(choices=modes), needs={"mode"})
    return Fields(fields=MappingProxyType(fields))


def _cidr_rule(minor: int, cidr: Text) -> Fields:
    group = Text(form=_matches(_SUBDOMAIN), noun="the name of a CiliumCIDRGroup", longest=253)
    fields: dict[str, Shape] = {"cidr": cidr, "cidrGroupRef": group, "except": Many(item=cidr)}
    if minor >= V17:
        fields["cidrGroupSelector"] = _SELECTOR
    return Fields(
        fields=MappingProxyType(fields), one_of=tuple(key for key in fields if key != "except")
    )


def _ports(minor: int, *, deny: bool) -> Fields:
    number = Text(form=_is_port, noun="a port number or name")
    extended: tuple[str, ...] = PORTLESS_SINCE_19 if minor >= V19 else ()
    extended += PORTLESS_SINCE_20 if minor >= V20 else ()
    port: dict[str, Shape] = {
        "port": number,
        "protocol": Text(choices=("TCP", "UDP", "SCTP", *extended, "ANY")),
    }
    if minor >= V16:
        port["endPort"] = Whole(lowest=0, highest=MAX_PORT)
    needs = frozenset({"port"}) if minor < V19 else frozenset[str]()
    item = Fields(fields=MappingProxyType(port), needs=needs)
    most = MOST_PORTS if minor >= V16 and not deny else None
    fields: dict[str, Shape] = {"ports": Many(item=item, most=most)}
    if not deny:
        fields |= {
            "rules": _l7(minor),
            "serverNames": _server_names(minor),
            "listener": _listener(minor),
            "terminatingTLS": _TLS,
            "originatingTLS": _TLS,
        }
    return Fields(fields=MappingProxyType(fields))


def _l7(minor: int) -> Fields:
    mismatch = Text(choices=("LOG", "ADD", "DELETE", "REPLACE"))
    header_name = Text(shortest=1 if minor >= V16 else 0)
    header = _fields(
        name=header_name, value=_ANY_TEXT, mismatch=mismatch, secret=_SECRET, needs={"name"}
    )
    http = _fields(
        method=_ANY_TEXT,
        path=_ANY_TEXT,
        host=_ANY_TEXT,
        headers=_TEXTS,
        headerMatches=Many(item=header),
    )
    kafka = _fields(
        apiKey=_ANY_TEXT,
        apiVersion=_ANY_TEXT,
        clientID=_ANY_TEXT,
        role=Text(choices=("produce", "consume")),
        topic=Text(longest=255),
    )
    if minor >= V20:
        names = Many(item=_name(minor))
        kept = MappingProxyType({"http": Many(item=http), "dns": names})
        return Fields(fields=kept, one_of=("http", "dns"))
    fields: dict[str, Shape] = {
        "http": Many(item=http),
        "kafka": Many(item=kafka),
        "dns": Many(item=_name(minor)),
        "l7proto": _ANY_TEXT,
        "l7": Many(item=Table(value=_ANY_TEXT)),
    }
    kinds = ("http", "kafka", "dns", "l7proto") if minor >= V16 else ()
    return Fields(fields=MappingProxyType(fields), one_of=kinds)


def _name(minor: int) -> Fields:
    longest = LONGEST_NAME if minor >= V17 else None
    return Fields(
        fields=MappingProxyType(
            {
                "matchName": Text(form=_matches(_NAME), noun="a host name", longest=longest),
                "matchPattern": Text(
                    form=_matches(_PATTERN), noun="a pattern of host names", longest=longest
                ),
            }
        ),
        one_of=("matchName", "matchPattern") if minor >= V16 else (),
    )


def _server_names(minor: int) -> Many:
    if minor < V18:
        return _TEXTS
    form = _matches(_PATTERN if minor >= V20 else _SERVER_NAME)
    name = Text(form=form, noun="a TLS server name", longest=LONGEST_NAME)
    return Many(item=name, least=1, distinct=True)


def _listener(minor: int) -> Fields:
    config = _fields(
        kind=Text(choices=("CiliumEnvoyConfig", "CiliumClusterwideEnvoyConfig")),
        name=Text(shortest=1),
        needs={"name"},
    )
    parts: dict[str, Shape] = {"envoyConfig": config, "name": Text(shortest=1)}
    if minor >= V16:
        parts["priority"] = Whole(lowest=1, highest=100)
    return Fields(fields=MappingProxyType(parts), needs=frozenset({"envoyConfig", "name"}))


def _icmps(minor: int) -> Many:
    kind: Shape = Whole(lowest=0, highest=255)
    if minor >= V16:
        kind = WholeOrText(form=_is_icmp_type, noun="an ICMP type")
    item = Fields(
        fields=MappingProxyType({"family": Text(choices=("IPv4", "IPv6")), "type": kind}),
        needs=frozenset({"type"}),
        defaults=MappingProxyType({"family": "IPv4"}),
    )
    most = MOST_FIELDS if minor >= V16 else None
    return Many(item=_fields(fields_=Many(item=item, most=most)))


def _fields(needs: frozenset[str] | set[str] = frozenset(), **fields: Shape) -> Fields:
    named = {key.removesuffix("_"): shape for key, shape in fields.items()}
    return Fields(fields=MappingProxyType(named), needs=frozenset(needs))


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _cidr(minor: int) -> Callable[[str], bool]:
    if minor >= V16:
        return lambda text: parse_network(text) is not None
    return lambda text: ":" in text or _IPV4_RANGE.fullmatch(text) is not None


def _is_port(text: str) -> bool:
    """The schema's pattern, which lacks brackets: a digit in front, or the end of a name.

    Source: `^(number)|(name)$`, so `443!!` and `99999` pass and the agent has to refuse them.
    """
    if text[:1].isascii() and text[:1].isdigit():
        return True
    end = len(text)
    while end and text[end - 1] in _PORT_NAME:
        end -= 1
    tail = text[end:]
    letters = [place for place, character in enumerate(tail) if character.isalpha()]
    return bool(letters) and _PAST_LETTER.fullmatch(tail, letters[-1] + 1) is not None


def _is_icmp_type(text: str) -> bool:
    if text in SCHEMA_NAMES:
        return True
    plain = text.isascii() and text.isdigit() and (text == "0" or text[0] != "0")
    return plain and len(text) < 4 and int(text) < 256  # noqa: PLR2004 - a byte


def _is_printable(text: str) -> bool:
    return not any(unicodedata.category(character).startswith("C") for character in text)


_SELECTOR = _fields(
    matchLabels=Table(value=Text(form=_matches(_LABEL_VALUE), noun="a label value", longest=63)),
    matchExpressions=Many(
        item=_fields(
            key=_ANY_TEXT,
            operator=Text(choices=("In", "NotIn", "Exists", "DoesNotExist")),
            values=_TEXTS,
            needs={"key", "operator"},
        )
    ),
)
_SECRET = _fields(name=_ANY_TEXT, namespace=_ANY_TEXT, needs={"name"})
_TLS = _fields(
    secret=_SECRET,
    certificate=_ANY_TEXT,
    privateKey=_ANY_TEXT,
    trustedCA=_ANY_TEXT,
    needs={"secret"},
)
_GROUP = _fields(
    aws=_fields(
        labels=Table(value=_ANY_TEXT),
        region=_ANY_TEXT,
        securityGroupsIds=_TEXTS,
        securityGroupsNames=_TEXTS,
    )
)
_SERVICE = _fields(
    k8sService=_fields(namespace=_ANY_TEXT, serviceName=_ANY_TEXT),
    k8sServiceSelector=_fields(namespace=_ANY_TEXT, selector=_SELECTOR, needs={"selector"}),
)
