"""What the baseline's admission policy reserves, and who writes it besides the publishers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """Resources of one API group, by the plurals that requests name, in any version of it."""

    group: str
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWriters:
    """Users, as Kubernetes names them, that write what is reserved.

    They write everything, or only what `group`, `resource` and `operation` name; an empty one names
    any. Writing `status` needs no entry: no subresource is reserved.
    """

    users: tuple[str, ...]
    group: str = ""
    resource: str = ""
    operation: str = ""

    @property
    def limits(self) -> dict[str, str]:
        """What they are limited to, by the field of a request."""
        fields = {"group": self.group, "resource": self.resource, "operation": self.operation}
        return {key: each for key, each in fields.items() if each}


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What somebody else could open egress with where the engine runs.

    `reserved`: what it reads as policy, or as a part of one; reserved on every cluster, whatever
    its engine. `beside`: what other products may read on a cluster of this engine. `writers`: its
    own controllers, where its makers install them. `finalizers`: users that put names of finalizers
    on what is reserved, and may change nothing else of it.
    """

    reserved: tuple[Reserved, ...]
    beside: tuple[Reserved, ...]
    writers: tuple[PolicyWriters, ...]
    finalizers: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.reserved:
            raise ValueError("an engine that reserves nothing lets everybody write its policies")

    def has(self, group: str, resource: str) -> bool:
        """Whether the resource is reserved wherever the engine runs."""
        every = (*KUBERNETES_API, *self.reserved, *self.beside)
        return any(group == each.group and resource in each.resources for each in every)


KUBERNETES_API = (
    Reserved(group="networking.k8s.io", resources=("networkpolicies",)),
    Reserved(
        group="policy.networking.k8s.io",
        resources=(
            "adminnetworkpolicies",
            "baselineadminnetworkpolicies",
            "clusternetworkpolicies",
        ),
    ),
)
"""What engines share, reserved on every cluster."""

OTHER_PRODUCTS = (
    Reserved(
        group="crd.antrea.io",
        resources=(
            "clustergroups", "clusternetworkpolicies", "egresses", "groups", "networkpolicies",
            "tiers",
        ),
    ),
    Reserved(group="networking.gke.io", resources=("fqdnnetworkpolicies",)),
    Reserved(
        group="networking.k8s.aws",
        resources=("applicationnetworkpolicies", "clusternetworkpolicies"),
    ),
    Reserved(
        group="k8s.ovn.org",
        resources=(
            "adminpolicybasedexternalroutes", "egressfirewalls", "egressips", "egressservices",
        ),
    ),
)  # fmt: skip
"""What products read that are not modelled here and may stand behind a plain NetworkPolicy."""
