"""What rules of policies let pods reach, part by part, in terms that values have words for too.

The parts are for whoever writes values in place of the policies. They say what a rule names and
never what it comes to beside others: that is for the set of flows of the whole, and whoever writes
something down compares it with that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from transire.flows.host_set import HostSet
from transire.k8s.manifests import Manifest, ObjectRef
from transire.model.destinations import EntityKind
from transire.model.engine import Release
from transire.model.net import ECHO, MAX_PORT, Network, PortRange, parse_cidr
from transire.model.net import Protocol as Transport
from transire.model.pod_selector import LabelCondition, Operator, PodSelector
from transire.queries.cluster_state import ClusterState

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that Kubernetes keeps on every namespace, by which a namespace is named here."""

_PORTED = (Transport.TCP, Transport.UDP, Transport.SCTP)
EVERY_PORT = (*(PortRange(protocol=each, first=1, last=MAX_PORT) for each in _PORTED), ECHO)
"""All that values can write where a rule leaves ports and protocols open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Pods that a policy is for: those that `pods` selects, in namespaces with such labels."""

    pods: PodSelector = PodSelector()
    namespaces: tuple[LabelCondition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedHosts:
    """Addresses of names; `text` is the pattern as written."""

    text: str
    names: HostSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """A range, and the parts of it that the rule leaves out."""

    cidr: Network
    without: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedPods:
    """Pods by conditions on their labels and on those of their namespaces.

    `namespaces` is None for the namespace of the pods that the policy is for.
    """

    pods: tuple[LabelCondition, ...] = ()
    namespaces: tuple[LabelCondition, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfCluster:
    """The API server, the nodes or the ingress."""

    kind: EntityKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """Something in a rule for which values have no words: where it is, and why."""

    pointer: str
    why: str


End = NamedHosts | Addresses | SelectedPods | PartOfCluster

WORLD: tuple[Addresses, ...] = tuple(
    Addresses(cidr=parse_cidr(each)) for each in ("0.0.0.0/0", "::/0")
)
"""Every address, of both IP families."""

EVERYWHERE: tuple[End, ...] = (
    *WORLD,
    PartOfCluster(kind=EntityKind.NODES),
    PartOfCluster(kind=EntityKind.KUBE_APISERVER),
    PartOfCluster(kind=EntityKind.INGRESS),
    SelectedPods(namespaces=()),
)
"""All that there is to reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One end of a rule, with its place in the object."""

    end: End
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one rule of an object lets some pods reach: ends on ports.

    `pointer` is the rule's place. `every_port`: the rule leaves ports and protocols open, and
    `ports` are what values have for that. `demands` is what the rule requires of a connection
    besides, in words, empty for nothing.
    """

    object: ObjectRef
    manifest: int
    pointer: str
    subjects: tuple[Subject, ...]
    reached: tuple[Reached, ...] = ()
    ports: tuple[PortRange, ...] = ()
    every_port: bool = False
    demands: str = ""
    unwritten: tuple[Unwritten, ...] = ()
    takes: bool = False
    """Whether the rule takes something from the pods: then nothing but its subjects is given."""


class Allowing(Protocol):
    """How an engine takes objects apart."""

    def __call__(
        self,
        manifests: Sequence[Manifest],
        release: Release,
        cluster: ClusterState,
        options: Mapping[str, str],
    ) -> Sequence[Allowance]:
        """What the rules that allow egress name, object by object, of objects that it reads.

        Nothing of objects that are refused, and `unwritten` alone of rules that are not modelled.
        """
        ...


def selector_of(conditions: Iterable[LabelCondition], account: str = "") -> PodSelector:
    """Conditions as values write them: a label with one value is a plain one."""
    labels: dict[str, str] = {}
    others = []
    for each in conditions:
        if each.says(labels):
            continue
        if each.operator is Operator.IN and len(each.values) == 1 and each.key not in labels:
            labels[each.key] = each.values[0]
        else:
            others.append(each)
    return PodSelector(
        labels=tuple(sorted(labels.items())),
        expressions=tuple(sorted(set(others))),
        service_account=account,
    )
