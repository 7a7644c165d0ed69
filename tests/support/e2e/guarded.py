"""Every kind that `admission: true` guards: how it is served, an object of it, and a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from support.e2e.definitions import MinimalKind

Spec = Mapping[str, Any]

_NAMES: Spec = {"namespaces": {}}
_PODS: Spec = {"podSelector": {}, "policyTypes": ["Egress"]}
_OPEN: Spec = {"egress": [{}]}
_CALICO: Spec = {"tier": "egress", "order": 1, "selector": "all()", "types": ["Egress"]}
_ALLOW: Spec = {"egress": [{"action": "Allow"}]}
_NETS: Spec = {"nets": ["198.51.100.0/24"]}
_ANY: Spec = {"nets": ["0.0.0.0/0"]}
_CIDRS = {"externalCIDRs": ["198.51.100.0/24"]}
_GATEWAY: Spec = {
    "selectors": [{"podSelector": {}}],
    "destinationCIDRs": ["198.51.100.0/24"],
    "egressGateway": {"nodeSelector": {"matchLabels": {"gateway": "yes"}}},
}
_REDIRECT: Spec = {
    "redirectFrontend": {"serviceMatcher": {"serviceName": "dns", "namespace": "a"}},
    "redirectBackend": {
        "localEndpointSelector": {"matchLabels": {"app": "dns"}},
        "toPorts": [{"port": "53", "name": "dns", "protocol": "UDP"}],
    },
}
_ENVOY: Spec = {"resources": [], "services": [{"name": "a", "namespace": "b"}]}
_ELSEWHERE: Spec = {"services": [{"name": "c", "namespace": "d"}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A guarded kind; `change` is a merge patch of its spec, empty where upstream forbids any."""

    kind: MinimalKind
    spec: Spec
    change: Spec
    name: str = "held"
    labels: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.kind.resource}.{self.kind.group}"

    @property
    def built_in(self) -> bool:
        """Whether the API server has the kind without a definition."""
        return self.kind.group == _K8S

    def body(self, namespace: str = "batch") -> dict[str, Any]:
        """An object of the kind, in the namespace where the kind has one."""
        metadata: dict[str, Any] = {"name": self.name, "labels": dict(self.labels)}
        if self.kind.namespaced:
            metadata["namespace"] = namespace
        return {
            "apiVersion": f"{self.kind.group}/{self.kind.version}",
            "kind": self.kind.kind,
            "metadata": metadata,
            "spec": dict(self.spec),
        }


def _kind(
    group: str,
    version: str,
    kind: str,
    spec: Spec,
    change: Spec,
    *,
    wide: bool = False,
    name: str = "held",
    plural: str = "",
    labels: Mapping[str, str] | None = None,
) -> Guarded:
    lower = kind.lower()
    resource = plural or (f"{lower[:-1]}ies" if lower.endswith("y") else f"{lower}s")
    made = MinimalKind(
        group=group, version=version, kind=kind, resource=resource, namespaced=not wide
    )
    return Guarded(kind=made, spec=spec, change=change, name=name, labels=labels or {"app": "held"})


_K8S, _POLICY, _CILIUM = "networking.k8s.io", "policy.networking.k8s.io", "cilium.io"
_ANTREA, _GKE, _AWS, _OVN = (
    "crd.antrea.io",
    "networking.gke.io",
    "networking.k8s.aws",
    "k8s.ovn.org",
)


def _calico(group: str, version: str) -> tuple[Guarded, ...]:
    """Calico's kinds, which it serves in one group and stores in another."""
    staged: Spec = {**_CALICO, "stagedAction": "Set"}
    host: Spec = {"node": "a", "interfaceName": "eth0"}
    ours = {"transire/set": "held"}
    return (
        _kind(group, version, "NetworkPolicy", _CALICO, _ALLOW, name="egress.held"),
        _kind(
            group, version, "GlobalNetworkPolicy", _CALICO, _ALLOW, wide=True, name="egress.held"
        ),
        _kind(group, version, "StagedNetworkPolicy", staged, _ALLOW, name="egress.held"),
        _kind(
            group,
            version,
            "StagedGlobalNetworkPolicy",
            staged,
            _ALLOW,
            wide=True,
            name="egress.held",
        ),
        _kind(group, version, "StagedKubernetesNetworkPolicy", _PODS, _OPEN),
        _kind(group, version, "NetworkSet", _NETS, _ANY),
        _kind(group, version, "GlobalNetworkSet", _NETS, _ANY, wide=True, labels=ours),
        _kind(group, version, "HostEndpoint", host, {"interfaceName": "*"}, wide=True),
        _kind(group, version, "Profile", {}, _ALLOW, wide=True),
        _kind(group, version, "FelixConfiguration", {}, {"chainInsertMode": "Append"}, wide=True),
        _kind(
            group,
            version,
            "IPPool",
            {"cidr": "10.9.0.0/16"},
            {"natOutgoing": True},
            wide=True,
        ),
        _kind(group, version, "Tier", {"order": 1}, {"order": 2}, wide=True),
    )


_EVERYWHERE = (
    _kind(_K8S, "v1", "NetworkPolicy", _PODS, _OPEN),
    _kind(
        *(_POLICY, "v1alpha1", "AdminNetworkPolicy"),
        {"priority": 1, "subject": _NAMES},
        {"priority": 2},
        wide=True,
    ),
    _kind(
        *(_POLICY, "v1alpha1", "BaselineAdminNetworkPolicy"),
        {"subject": _NAMES},
        {"subject": {"namespaces": {"matchLabels": {"a": "b"}}}},
        wide=True,
        name="default",
    ),
    _kind(
        *(_POLICY, "v1alpha2", "ClusterNetworkPolicy"),
        {"tier": "Admin", "priority": 1, "subject": _NAMES},
        {"priority": 2},
        wide=True,
    ),
    _kind(_CILIUM, "v2", "CiliumNetworkPolicy", {"endpointSelector": {}, **_OPEN}, {"egress": []}),
    _kind(
        *(_CILIUM, "v2", "CiliumClusterwideNetworkPolicy"),
        {"endpointSelector": {}, **_OPEN},
        {"egress": [{"toEntities": ["all"]}]},
        wide=True,
    ),
    _kind(_CILIUM, "v2", "CiliumCIDRGroup", _CIDRS, {"externalCIDRs": ["0.0.0.0/0"]}, wide=True),
    _kind(
        *(_CILIUM, "v2", "CiliumEgressGatewayPolicy"),
        _GATEWAY,
        {"destinationCIDRs": ["0.0.0.0/0"]},
        wide=True,
    ),
    _kind(_CILIUM, "v2", "CiliumLocalRedirectPolicy", _REDIRECT, {}),
    _kind(_CILIUM, "v2", "CiliumEnvoyConfig", _ENVOY, _ELSEWHERE),
    _kind(_CILIUM, "v2", "CiliumClusterwideEnvoyConfig", _ENVOY, _ELSEWHERE, wide=True),
    _kind(_CILIUM, "v2", "CiliumNodeConfig", {}, {"defaults": {"enable-policy": "never"}}),
    *_calico("projectcalico.org", "v3"),
    *_calico("crd.projectcalico.org", "v1"),
)
_BEHIND_NETWORK_POLICY = (
    _kind(
        *(_ANTREA, "v1beta1", "NetworkPolicy"),
        {"priority": 5, "appliedTo": [{"podSelector": {}}]},
        {"priority": 6},
    ),
    _kind(
        *(_ANTREA, "v1beta1", "ClusterNetworkPolicy"),
        {"priority": 5, "appliedTo": [{"namespaceSelector": {}}]},
        {"priority": 6},
        wide=True,
    ),
    _kind(_ANTREA, "v1beta1", "Tier", {"priority": 100}, {"priority": 101}, wide=True),
    _kind(_ANTREA, "v1beta1", "Group", {"podSelector": {}}, {"podSelector": {"a": "b"}}),
    _kind(
        *(_ANTREA, "v1beta1", "ClusterGroup"),
        {"podSelector": {}},
        {"podSelector": {"a": "b"}},
        wide=True,
    ),
    _kind(
        *(_ANTREA, "v1beta1", "Egress"),
        {"egressIP": "198.51.100.1"},
        {"egressIP": "198.51.100.2"},
        wide=True,
        plural="egresses",
    ),
    _kind(_GKE, "v1alpha1", "FQDNNetworkPolicy", {"podSelector": {}}, _OPEN),
    _kind(_AWS, "v1alpha1", "ApplicationNetworkPolicy", _PODS, _OPEN),
    _kind(
        *(_AWS, "v1alpha1", "ClusterNetworkPolicy"),
        {"tier": "Admin", "priority": 1, "subject": _NAMES},
        {"priority": 2},
        wide=True,
    ),
    _kind(
        *(_OVN, "v1", "EgressFirewall"),
        {"egress": [{"type": "Deny", "to": {"cidrSelector": "0.0.0.0/0"}}]},
        {"egress": [{"type": "Allow", "to": {"cidrSelector": "0.0.0.0/0"}}]},
        name="default",
    ),
    _kind(_OVN, "v1", "EgressIP", {"egressIPs": []}, {"egressIPs": ["198.51.100.2"]}, wide=True),
    _kind(_OVN, "v1", "EgressService", {"network": "a"}, {"network": "b"}),
    _kind(
        *(_OVN, "v1", "AdminPolicyBasedExternalRoute"),
        {"from": {}},
        {"nextHops": {"static": [{"ip": "198.51.100.2"}]}},
        wide=True,
    ),
)


def guarded_on(cluster: str) -> tuple[Guarded, ...]:
    """The kinds that the example's cluster of that name guards."""
    return (*_EVERYWHERE, *(_BEHIND_NETWORK_POLICY if cluster == "edge" else ()))


SOURCES = (
    "cilium/v1.20.2",
    "calico-oss/v3.32.1/projectcalico.org-v3",
    "calico-oss/v3.32.1/crd.projectcalico.org-v1",
    "network-policy-api/v0.1.7/standard",
    "network-policy-api/v0.2.0/standard",
    "antrea",
    "eks",
    "ovn-kubernetes",
)
"""Where upstream's definitions of these kinds are, below the folder of definitions."""
