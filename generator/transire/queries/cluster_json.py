"""The file that describes what a cluster holds: JSON text to `ClusterState`.

```json
{"cluster_name": "default", "dns_server": "kube-system/coredns", "definitions": "native",
 "namespace_labels": {"shop": {"env": "prod"}},
 "pods": [{"namespace": "shop", "name": "checkout", "labels": {"app": "checkout"},
           "ips": ["10.0.1.10"], "service_account": "default", "host_network": false,
           "named_ports": {"web": {"port": 8080, "protocol": "TCP"}}}],
 "nodes": [{"name": "node-1", "ip": "192.168.10.1", "reserved": ["host"]}]}
```

Every key may be left out; the cluster then has none of it. `definitions` is for Calico alone:
`native` or `api-server`.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from types import MappingProxyType

from transire.flows.peer_set import ReservedIdentity
from transire.model.engine import Definitions
from transire.model.net import MAX_PORT, Address
from transire.model.problems import Position
from transire.queries.cluster_state import ClusterState, NamedPort, Node, Pod
from transire.queries.json_reader import Form, json_document

RULE = "cluster-file"
RESERVED = tuple(map(str, ReservedIdentity))
PROTOCOLS = ("TCP", "UDP", "SCTP")


def cluster_from_json(text: str, *, path: str) -> ClusterState:
    """The cluster that a JSON text describes.

    Args:
        text: the file's content.
        path: its name, for the messages.

    Raises:
        Rejected: with every mistake of the file.
    """
    at = Position(path=path)
    form = Form.of(json_document(text, at=at, rule=RULE), at=at, rule=RULE)
    form.known("cluster_name", "definitions", "dns_server", "namespace_labels", "nodes", "pods")
    usual = ClusterState()
    nodes = (_node(each) for each in form.forms("nodes"))
    cluster = ClusterState(
        name=form.text("cluster_name", usual.name),
        namespace_labels=_namespaces(form),
        pods=tuple(_pod(each) for each in form.forms("pods")),
        nodes=tuple(each for each in nodes if each is not None),
        dns_server=form.text("dns_server", usual.dns_server),
        definitions=_definitions(form),
    )
    _no_shared_names(form, cluster)
    form.done()
    return cluster


def _definitions(form: Form) -> Definitions | None:
    written = form.text("definitions", "")
    if not written:
        return None
    if written not in set(Definitions):
        form.wrong("definitions", f"is {written!r}", f"write {' or '.join(Definitions)}")
        return None
    return Definitions(written)


def _namespaces(form: Form) -> Mapping[str, Mapping[str, str]]:
    named = form.named_forms("namespace_labels")
    return MappingProxyType({name: each.labels() for name, each in named.items()})


def _pod(form: Form) -> Pod:
    form.known(
        "namespace", "name", "labels", "ips", "named_ports", "service_account", "host_network"
    )
    ports = {name: _port(each) for name, each in form.named_forms("named_ports").items()}
    return Pod(
        namespace=form.text("namespace"),
        name=form.text("name"),
        labels=form.labels("labels"),
        ips=tuple(_addresses(form, "ips", form.texts("ips"))),
        named_ports=MappingProxyType(ports),
        service_account=form.text("service_account", "default"),
        host_network=form.flag("host_network", default=False),
    )


def _port(form: Form) -> NamedPort:
    form.known("port", "protocol")
    protocol = form.text("protocol", "TCP")
    if protocol not in PROTOCOLS:
        form.wrong("protocol", f"is {protocol!r}", f"write one of {', '.join(PROTOCOLS)}")
    return NamedPort(port=form.number("port", lowest=1, highest=MAX_PORT), protocol=protocol)


def _node(form: Form) -> Node | None:
    form.known("name", "ip", "reserved")
    reserved = form.texts("reserved")
    for name in reserved:
        if name not in RESERVED:
            form.wrong("reserved", f"holds {name!r}", f"write some of {', '.join(RESERVED)}")
    name = form.text("name")
    written = form.text("ip")
    found = _addresses(form, "ip", (written,) if written else ())
    return Node(name=name, ip=found[0], reserved=frozenset(reserved)) if found else None


def _addresses(form: Form, key: str, written: tuple[str, ...]) -> list[Address]:
    found: list[Address] = []
    for text in written:
        try:
            found.append(ip_address(text))
        except ValueError:
            form.wrong(key, f"holds {text!r}, which is no address", "write it as 10.0.1.10")
    return found


def _no_shared_names(form: Form, cluster: ClusterState) -> None:
    """A name or an address that two things carry would make a verdict a guess."""
    seen: set[str] = set()
    things = [f"the pod {pod.namespace}/{pod.name}" for pod in cluster.pods]
    things += [f"the node {node.name}" for node in cluster.nodes]
    things += [
        f"the address {ip}" for pod in cluster.pods if not pod.host_network for ip in pod.ips
    ]
    things += [f"the address {node.ip}" for node in cluster.nodes]
    for thing in things:
        if thing in seen:
            kind = "nodes" if thing.startswith("the node") else "pods"
            form.wrong(kind, f"name {thing} twice", "write each pod, node and address once")
        seen.add(thing)
