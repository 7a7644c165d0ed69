"""Flow and DNS logs of Calico Enterprise and Cloud, as files and as exports of Elasticsearch.

Keys are those of `observability/elastic/flow/datatypes` and `.../dns/dns-logs` in its manual.
Destinations outside have at most five names by default (`flowLogsFileDomainsLimit`), and addresses
only where nothing is aggregated.
"""

from __future__ import annotations

from typing import Any

from transire.flowlogs.format import Format
from transire.flowlogs.formats.calico import workload_of
from transire.flowlogs.formats.fields import (
    counted,
    json_tree,
    labels_of,
    listed,
    mapping,
    text,
    time_at,
)
from transire.flowlogs.record import (
    Flow,
    Lookup,
    Lost,
    Outcome,
    Peer,
    Policy,
    Record,
    Seen,
    Unreadable,
)
from transire.flowlogs.scalars import address_of, name_of, names_of, port_of

MAX_NAMES = 5
"""Names that a line has at most where `flowLogsFileDomainsLimit` is left alone."""
_ENTITIES = {"pub": "world", "pvt": "private"}
_ACTIONS = {"allow": Outcome.PASSED, "deny": Outcome.DENIED}
_PARTS = 5
"""`place|tier|[namespace/]tier.name|action|rule` of one policy that was met."""


def _tree(line: bytes) -> dict[str, Any]:
    found = mapping(json_tree(line))
    return mapping(found.get("_source")) or found


def _read_flow(line: bytes) -> Record | None:
    tree = _tree(line)
    policies = mapping(tree.get("policies"))
    enforced = _met(policies.get("enforced_policies") or policies.get("all_policies"))
    pending = _met(policies.get("pending_policies"))
    names, odd = names_of(tuple(listed(tree.get("dest_domains"))))
    port = tree.get("dest_port")
    return Flow(
        first=time_at(tree.get("start_time")),
        last=time_at(tree.get("end_time")),
        count=counted(tree.get("num_flows_started") or tree.get("num_flows")),
        seen=Seen.DECISION,
        outcome=_outcome(text(tree.get("action")), pending),
        source=_peer(tree, "source"),
        destination=_peer(tree, "dest"),
        names=names,
        names_cut=len(listed(tree.get("dest_domains"))) >= MAX_NAMES,
        protocol=text(tree.get("proto")).upper(),
        port=port_of(port) if isinstance(port, int | str) and port not in {"", "-"} else None,
        egress={"src": True, "dst": False}.get(text(tree.get("reporter"))),
        reply=False,
        policies=tuple(each for each, _ in enforced if each.rule is not None),
        node=text(tree.get("host")),
        lacks=odd,
    )


def _outcome(action: str, pending: list[tuple[Policy, str]]) -> Outcome:
    found = _ACTIONS.get(action, Outcome.UNKNOWN)
    staged = pending and pending[-1][1] == "deny"
    return Outcome.WOULD_BE_DENIED if found is Outcome.PASSED and staged else found


def _met(written: object) -> list[tuple[Policy, str]]:
    """The policies that were met and their actions, in the order of their places.

    Without a rule it is the end of the tier that decided, and no policy's word.
    """
    found = []
    for each in listed(written):
        parts = str(each).split("|")
        if len(parts) < _PARTS or not parts[0].isdecimal():
            raise Unreadable("a policy that is none")
        namespace, slash, name = parts[2].rpartition("/")
        rule = int(parts[4]) if parts[4].isdecimal() else None
        policy = Policy(namespace=namespace if slash else "", name=name, rule=rule)
        found.append((int(parts[0]), policy, parts[3]))
    found.sort(key=lambda each: each[0])
    return [(policy, action) for _, policy, action in found]


def _peer(tree: dict[str, Any], end: str) -> Peer:
    kind, shown = text(tree.get(f"{end}_type")), text(tree.get(f"{end}_name_aggr"))
    address = text(tree.get(f"{end}_ip"))
    pod = text(tree.get(f"{end}_name")) or shown
    is_pod = kind == "wep"
    return Peer(
        address=address_of(address) if address else "",
        # A set that lives in a namespace stands for addresses all the same.
        namespace="" if kind == "ns" else text(tree.get(f"{end}_namespace")),
        pod=pod if is_pod else "",
        workload=workload_of(shown) if is_pod else "",
        labels=labels_of(tree.get(f"{end}_labels")),
        entity=_ENTITIES.get(shown, "host" if kind == "hep" else ""),
        address_set=shown if kind == "ns" else "",
    )


def _read_lookup(line: bytes) -> Record | None:
    tree = _tree(line)
    first, last = time_at(tree.get("start_time")), time_at(tree.get("end_time"))
    count = counted(tree.get("count"))
    if tree.get("type") == "UNLOGGED":
        return Lost(first=first, last=last, count=count, what="DNS answers not logged")
    shown = text(tree.get("client_name_aggr"))
    address = text(tree.get("client_ip"))
    return Lookup(
        first=first,
        last=last,
        count=count,
        outcome=Outcome.PASSED,
        client=Peer(
            address=address_of(address) if address else "",
            namespace=text(tree.get("client_namespace")),
            pod=text(tree.get("client_name")) or shown,
            workload=workload_of(shown),
            labels=labels_of(tree.get("client_labels")),
        ),
        name=name_of(text(tree.get("qname"))),
        type=text(tree.get("qtype")),
        code=text(tree.get("rcode")).upper(),
        addresses=tuple(_answers(listed(tree.get("rrsets")))),
        node=text(tree.get("host")),
    )


def _answers(sets: list[Any]) -> list[str]:
    found = [mapping(each) for each in sets]
    return [
        address_of(data)
        for each in found
        if each.get("type") in {"A", "AAAA"}
        for data in listed(each.get("rdata"))
        if isinstance(data, str)
    ]


CALICO_ENTERPRISE = Format(
    name="calico-enterprise",
    title="flow logs of Calico Enterprise",
    recognises=lambda line: b'"dest_name_aggr"' in line and b'"reporter"' in line,
    read=_read_flow,
)
CALICO_ENTERPRISE_DNS = Format(
    name="calico-enterprise-dns",
    title="DNS logs of Calico Enterprise",
    recognises=lambda line: (
        b'"qname"' in line or (b'"UNLOGGED"' in line and b'"start_time"' in line)
    ),
    read=_read_lookup,
)
