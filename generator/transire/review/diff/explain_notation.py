"""A flow in the notation of `transire explain`, so that a person can look up its verdict."""

from __future__ import annotations

from ipaddress import IPv6Address

from transire.flows.flow import Flow
from transire.flows.peer_set import PeerKind
from transire.flows.pod_set import DEFAULT_ACCOUNT, Workload, written_labels
from transire.flows.port_set import Protocol

_CLEAR = 80
"""The port that a URL of HTTP leaves out."""


def source_of(flow: Flow, namespace: str) -> str:
    """The pod as `--from` takes it; `namespace` is where the flow's set was looked at.

    The service account that pods have by default is left out, as `explain` assumes it.
    """
    account = flow.source.account
    pod = _pod(Workload(namespace=namespace, labels=flow.source.labels))
    return pod if account == DEFAULT_ACCOUNT else f"{pod}@{account}"


def destination_of(flow: Flow) -> str:
    """The destination as `--to` takes it, such as `api.example.com:443` or `dns:example.com`.

    A protocol that `--to` does not accept is given by its number; `explain` then has no verdict.
    """
    if flow.queried is not None:
        return f"dns:{flow.queried}"
    tail = "" if flow.protocol == Protocol.TCP else f"/{_protocol(flow.protocol)}"
    if flow.peer is PeerKind.POD and flow.pod is not None:
        return f"pod:{_pod(flow.pod)}:{flow.port}{tail}"
    if flow.host:
        return f"{flow.host}:{flow.port}{tail}"
    address = f"[{flow.address}]" if isinstance(flow.address, IPv6Address) else str(flow.address)
    return f"{address}:{flow.port}{tail}"


def request_of(flow: Flow) -> str:
    """The request that a flow carries, such as `DELETE http://api.example.com/v1/items/7`.

    Empty where it carries none.
    """
    if flow.method is None:
        return ""
    where = destination_of(flow).removesuffix(f":{_CLEAR}")
    return f"{flow.method} http://{where}{flow.path or '/'}"


def _protocol(number: int) -> str:
    return Protocol(number).name if number in set(Protocol) else str(number)


def _pod(pod: Workload) -> str:
    labels = written_labels(pod.labels)
    return f"{pod.namespace}/{labels}" if labels else pod.namespace
