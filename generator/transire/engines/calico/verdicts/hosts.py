"""What host endpoints are to pods: addresses with labels, and interfaces that forward.

Rules find the expected addresses of a host endpoint by its labels. Its own policies concern the
traffic of pods only where they apply to what is forwarded.
Source: the reference of HostEndpoint, and `applyOnForward` in that of GlobalNetworkPolicy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from transire.engines.calico.objects.fields import read_net
from transire.engines.calico.objects.rules import AddressGroup, CalicoPolicy, Nets
from transire.engines.calico.objects.selector import Labels, Selector
from transire.k8s.manifests import ObjectRef, Tree
from transire.k8s.unmodelled import Unmodelled

_WITHOUT_LABELS = "projectcalico-default-allow"
"""The one profile that comes with Calico; it gives an endpoint no labels."""


@dataclass(slots=True)
class Hosts:
    """Host endpoints, and the policies that apply to what hosts forward."""

    labels: dict[ObjectRef, Labels] = field(default_factory=dict)
    ports: dict[ObjectRef, frozenset[str]] = field(default_factory=dict)
    profiled: list[ObjectRef] = field(default_factory=list)
    policies: list[tuple[ObjectRef, Selector]] = field(default_factory=list)

    def endpoint(
        self, ref: ObjectRef, labels: Mapping[str, str], spec: Tree
    ) -> Iterator[AddressGroup]:
        """Take a host endpoint in; its addresses are found like those of a set."""
        known = Labels(known=MappingProxyType(dict(labels)))
        nets = tuple(each for text in spec.get("expectedIPs", ()) if (each := read_net(text)))
        self.labels[ref] = known
        if not nets:
            return
        self.ports[ref] = frozenset(each.get("name", "") for each in spec.get("ports", ()))
        if set(spec.get("profiles", ())) - {_WITHOUT_LABELS}:
            self.profiled.append(ref)
        yield AddressGroup(object=ref, labels=known, nets=Nets(nets))

    def forwarding(self, ref: ObjectRef, selector: Selector) -> None:
        """Take in a policy that applies to forwarded traffic."""
        self.policies.append((ref, selector))

    def unmodelled(self, policies: Sequence[CalicoPolicy]) -> Iterator[Unmodelled]:
        """What about them keeps pods from being judged."""
        for ref, labels in self.labels.items():
            for policy, selector in self.policies:
                if selector.holds(labels) is not False:
                    why = f"it applies to what {ref} forwards, traffic of pods included"
                    yield Unmodelled(object=policy, key="/spec/applyOnForward", why=why)
        for ref in self.profiled:
            why = "the labels that its profiles give it are not known"
            yield Unmodelled(object=ref, key="/spec/profiles", why=why)
        wanted = _port_names(policies)
        for ref, names in self.ports.items():
            if names & wanted:
                why = f"it gives a name to a port, {min(names & wanted)}, that a rule names"
                yield Unmodelled(object=ref, key="/spec/ports", why=why)


def _port_names(policies: Sequence[CalicoPolicy]) -> frozenset[str]:
    return frozenset(
        name
        for policy in policies
        for rule in policy.rules
        for ports in (rule.destination.ports, rule.destination.not_ports)
        if ports is not None
        for name in ports.names
    )
