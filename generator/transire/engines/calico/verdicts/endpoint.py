"""One end of a flow as Calico's rules see it: an address, and the labels that stand for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from transire.engines.calico.objects.domains import Domain
from transire.engines.calico.objects.rules import AddressGroup, Nets
from transire.engines.calico.objects.selector import (
    NAME,
    NAMESPACE,
    OF_SERVICE_ACCOUNT,
    ORCHESTRATOR,
    SERVICE_ACCOUNT,
    Labels,
    Selector,
    disjunction,
)
from transire.engines.calico.verdicts.domain_index import DomainIndex
from transire.engines.calico.verdicts.policy_state import inherited_labels
from transire.model.net import Address
from transire.queries.cluster_state import ClusterState, NamedPort, Pod

API_PORTS = frozenset({443, 6443})
"""Ports on which API servers listen by default."""

_MOST_STANDING = 4096
_OPEN = frozenset({SERVICE_ACCOUNT})


@dataclass(slots=True)
class Endpoint:
    """One end of a flow; memberships are cached, as many rules have the same selector.

    `pod`: the labels of the pod with this address, if it is one. `groups`: the sets that hold the
    address; `open_groups`: those that may hold it, where the address is not known. `by_name`: the
    sets that hold it because it was learnt for a name.
    """

    ip: Address | None = None
    pod: Labels | None = None
    named_ports: Mapping[str, NamedPort] | None = None
    groups: Sequence[Labels] = ()
    open_groups: Sequence[Labels] = ()
    by_name: Sequence[Labels] = ()
    learnt: str = ""
    foreign: frozenset[int] = frozenset()
    """Selectors, by what object each is, that may select it as part of a set nobody gave."""
    serves_api: bool = False
    """Whether it is the address of the cluster's API server."""
    family: int | None = field(init=False)
    number: int | None = field(init=False)
    memberships: dict[tuple[int, bool], bool | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.family = None if self.ip is None else self.ip.version
        self.number = None if self.ip is None else int(self.ip)

    def inside(self, nets: Nets) -> bool | None:
        """Whether the address is in one of the ranges."""
        if self.family is None or self.number is None:
            return None
        return nets.holds(self.family, self.number)

    def is_member(self, selector: Selector, *, allow: bool) -> bool | None:
        """Whether something that stands for the address has such labels.

        Args:
            selector: the labels.
            allow: whether it is for an Allow rule, in which alone the domains of sets count.
        """
        key = id(selector), allow
        if key not in self.memberships:
            self.memberships[key] = disjunction(self._memberships(selector, allow=allow))
        return self.memberships[key]

    def is_api_server(self, port: int) -> bool | None:
        """Whether the API server listens on this port of the address.

        Which port it is stands in its endpoints, so only the usual ones are taken for granted.
        """
        if not self.serves_api:
            return False
        return True if port in API_PORTS else None

    def _memberships(self, selector: Selector, *, allow: bool) -> Iterator[bool | None]:
        if self.pod is not None:
            yield selector.holds(self.pod)
        for group in self.groups:
            yield selector.holds(group)
        for group in self.by_name if allow else ():
            yield selector.holds(group)
        if id(selector) in self.foreign:
            yield None
        for group in self.open_groups:
            yield False if selector.holds(group) is False else None

    def has_named_port(
        self, names: frozenset[str], port: int, protocol: str, selector: Selector | None
    ) -> bool | None:
        """Whether the pod calls this port by one of the names; sets and addresses call none."""
        if self.pod is None:
            return False
        if self.named_ports is None:
            return None
        wanted = NamedPort(port=port, protocol=protocol)
        if not any(self.named_ports.get(name) == wanted for name in names):
            return False
        return True if selector is None else selector.holds(self.pod)


def pod_labels(pod: Pod, cluster: ClusterState, *, known_account: bool) -> Labels:
    """The labels of a pod as a selector sees them.

    The labels of its service account are not part of the cluster's description, only the name is.
    """
    known = inherited_labels(cluster, pod.namespace)
    known.update(pod.labels)
    known[NAMESPACE], known[ORCHESTRATOR] = pod.namespace, "k8s"
    if not known_account:
        return Labels(
            known=MappingProxyType(known), open_keys=_OPEN, open_prefix=OF_SERVICE_ACCOUNT
        )
    known[SERVICE_ACCOUNT] = pod.service_account
    known[OF_SERVICE_ACCOUNT + NAME] = pod.service_account
    return Labels(known=MappingProxyType(known), open_prefix=OF_SERVICE_ACCOUNT)


@dataclass(frozen=True, slots=True)
class GroupIndex:
    """Finds the sets that hold an address or a name."""

    groups: tuple[AddressGroup, ...]
    inline: tuple[tuple[Domain, ...], ...]
    """Domains that rules name without a set, those of one rule together."""
    index: DomainIndex = field(init=False, compare=False)
    """The domains of the sets, then those of the rules."""
    standing: dict[frozenset[int], str] = field(default_factory=dict, compare=False)
    """One name for all that the same sets and rules know."""

    def __post_init__(self) -> None:
        """Index the names."""
        lists = [*(group.domains for group in self.groups), *self.inline]
        object.__setattr__(self, "index", DomainIndex.of(lists))

    def holding(self, ip: Address) -> tuple[Labels, ...]:
        """The labels of the sets whose ranges hold the address."""
        version, number = ip.version, int(ip)
        return tuple(group.labels for group in self.groups if group.nets.holds(version, number))

    def with_ranges(self) -> tuple[Labels, ...]:
        """The labels of the sets that hold any address at all."""
        return tuple(group.labels for group in self.groups if group.nets)

    def known_as(self, host: str) -> str:
        """A name that is the same to every set and rule, or the empty string if none names it."""
        places = self.index.knowing(host)
        if not places:
            return ""
        if len(self.standing) >= _MOST_STANDING:
            self.standing.clear()
        return self.standing.setdefault(places, host)

    def naming(self, host: str) -> tuple[Labels, ...]:
        """The labels of the sets whose domains match the name."""
        places = sorted(self.index.knowing(host))
        return tuple(self.groups[each].labels for each in places if each < len(self.groups))
