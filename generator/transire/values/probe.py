"""The platform's section about probes."""

from __future__ import annotations

from transire.model.net import Network
from transire.model.probe import HTTPS, IMAGE, Canary, ProbeSettings
from transire.values.mapping_reader import Fields, each
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.scalars import cidr, domain, filled_line, name, whole
from transire.yamlio import Node


def probe(node: Node, collector: ProblemCollector) -> ProbeSettings:
    """The image of probes, and what they must not reach.

    Raises:
        Misfit: if not all of it can be used.
    """
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    image = fields.need("image", _image, "")
    canaries = fields.need("canaries", each(_canary), ())
    control = fields.get("control", name, "")
    collector.stop_after(misfits)
    if not canaries:
        raise Misfit
    unique = {str(each): each for each in canaries}
    return ProbeSettings(
        image=image, canaries=tuple(unique[key] for key in sorted(unique)), control=control
    )


def _image(node: Node, collector: ProblemCollector) -> str:
    written = filled_line(node, collector)
    if IMAGE.fullmatch(written):
        return written
    raise collector.refuse(
        node.at,
        "bad-image",
        f"{shown(written)} is no image that is named by its digest",
        "write registry.example.com/tools/curl@sha256:, and the 64 digits of the digest",
    )


def _canary(node: Node, collector: ProblemCollector) -> Canary:
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    address = fields.get("address", _address, None)
    host = "" if fields.entry("address") else fields.need("host", domain, "")
    port = fields.get("port", whole, HTTPS)
    collector.stop_after(misfits)
    return Canary(name=host, address=address, port=port, at=fields.at)


def _address(node: Node, collector: ProblemCollector) -> Network:
    found = cidr(node, collector)
    if found.num_addresses == 1:
        return found
    raise collector.refuse(
        node.at,
        "bad-cidr",
        f"{shown(str(found))} holds {found.num_addresses} addresses, and a canary is one",
        "write one address, such as 192.0.2.1",
    )
