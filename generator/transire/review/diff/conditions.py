"""How destinations are reached, as text, where not in every way: TLS names, HTTP, DNS queries."""

from __future__ import annotations

from transire.flows.address_set import AddressSet
from transire.flows.boxes import Box, Requests
from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer
from transire.review.diff.destinations import hosts_text, peer_text

_NO_NAME = "none"


def resolvers_text(box: Box, everywhere: AddressSet) -> str:
    """Which resolvers queries go to, such as `asked at pods with k8s-app=kube-dns in dns`."""
    peer = "" if box.peer == Peer.outside() else peer_text(box.peer)
    anywhere = box.addresses.diagram is True or box.addresses == everywhere
    where = "any address outside the cluster" if anywhere and not peer else peer
    if anywhere:
        return f"asked at {where}"
    return f"asked at {peer} at {box.addresses}" if peer else f"asked at {box.addresses}"


def only(requests: Requests) -> str:
    """What a new destination is limited to; empty where it is not."""
    return "" if requests.diagram is True else f"only HTTP {requests}"


def detail(box: Box) -> str:
    """What passes; empty where it is anything."""
    found = []
    if not box.kinds.connect:
        found.append(f"asked for {hosts_text(box.queried, 'the root')}")
    if box.server_names.diagram is not True:
        found.append(f"with {_tls(box.server_names, box.hosts)}")
    if box.requests.diagram is not True:
        found.append(f"with HTTP {box.requests}")
    return " ".join(found)


def _tls(names: HostSet, hosts: HostSet) -> str:
    """Such as `the TLS name a.example`, or `any other TLS name, or none` beside the hosts' own."""
    named = names.named()
    none = ", or none" if named != names else ""
    others = HostSet.everything() - named
    if not named:
        return "no TLS name"
    if not others:
        return f"any TLS name{none}"
    if others == hosts:
        return f"any other TLS name{none}"
    listed = named.patterns()
    if any(each.startswith("** except") for each in listed):
        return f"any TLS name except {hosts_text(others, _NO_NAME)}{none}"
    plural = "s" if len(listed) > 1 else ""
    return f"the TLS name{plural} {hosts_text(named, _NO_NAME)}{none}"
