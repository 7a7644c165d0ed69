"""The JSON log of kube-network-policies, which has two lines for each packet, joined by their id.

The first has the packet, the second what became of it (`docs/json-logging.md` of that project). A
packet whose verdict is not in the log is no flow.
"""

from __future__ import annotations

from typing import Any

from transire.flowlogs.formats.fields import json_tree, mapping, text, time_at
from transire.flowlogs.record import Flow, Outcome, Peer, Seen, Unreadable
from transire.flowlogs.scalars import address_of, port_of

NAME = "kube-network-policies"
_MOST = 10_000
"""Packets that may wait for their verdict."""
_EVALUATING = b'"Evaluating packet"'
_VERDICTS = (b'"Packet denied', b'"Packet accepted', b'"Packet rejected', b'"Packet dropped')


def is_paired(line: bytes) -> bool:
    """Whether a line is one of the two."""
    return line.startswith(b"{") and (
        _EVALUATING in line or any(each in line for each in _VERDICTS)
    )


class PairedLines:
    """Joins the lines of one source."""

    def __init__(self) -> None:
        self._waiting: dict[object, tuple[dict[str, Any], int]] = {}

    def flow(self, line: bytes, number: int) -> tuple[Flow, int] | None:
        """The flow of a packet, with the line that has it, once its verdict is read.

        Raises:
            Unreadable: if the packet is none.
        """
        tree = mapping(json_tree(line))
        key = tree.get("id")
        if _EVALUATING in line:
            if len(self._waiting) >= _MOST:
                self._waiting.pop(next(iter(self._waiting)))
            self._waiting[key] = tree, number
            return None
        held = self._waiting.pop(key, None)
        return None if held is None else (_flow(held[0], text(tree.get("msg"))), held[1])


def _flow(tree: dict[str, Any], verdict: str) -> Flow:
    packet = mapping(tree.get("packet"))
    at = time_at(tree.get("ts"))
    protocol = text(packet.get("Proto")).upper()
    port = packet.get("DstPort")
    if not protocol:
        raise Unreadable("a packet without its protocol")
    return Flow(
        first=at,
        last=at,
        seen=Seen.DECISION,
        outcome=Outcome.PASSED if "accept" in verdict else Outcome.DENIED,
        source=_peer(text(tree.get("srcPod")), text(packet.get("SrcIP"))),
        destination=_peer(text(tree.get("dstPod")), text(packet.get("DstIP"))),
        protocol=protocol,
        port=port_of(port) if isinstance(port, int | str) else None,
        egress={"egress": True, "ingress": False}.get(text(tree.get("direction")).lower()),
    )


def _peer(pod: str, address: str) -> Peer:
    """One end; `external` stands for whatever is no pod."""
    namespace, slash, name = pod.partition("/")
    found = address_of(address) if address else ""
    if not slash:
        return Peer(address=found, entity="world" if pod == "external" else "")
    return Peer(address=found, namespace=namespace, pod=name)
