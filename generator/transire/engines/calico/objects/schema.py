"""The fields of Calico's objects, by product and version.

Derived from the custom resource definitions of Calico v3.29.7 to v3.32.1 and of Calico Enterprise;
the fields of `spec` are the same in all open-source releases.
"""

from __future__ import annotations

from functools import cache

from transire.engines.calico.objects.releases import Dialect
from transire.k8s.networkpolicy import SPEC as KUBERNETES_SPEC
from transire.k8s.typed_decoding import (
    ListOf,
    MapOf,
    Scalar,
    Shape,
    Struct,
    kind_shape,
)

_TEXTS = ListOf(Scalar.TEXT)
_PORTS = ListOf(Scalar.WHOLE_OR_TEXT)
_ICMP = Struct({"type": Scalar.WHOLE, "code": Scalar.WHOLE})

_ENTITY: dict[str, Shape] = {
    "nets": _TEXTS,
    "notNets": _TEXTS,
    "ports": _PORTS,
    "notPorts": _PORTS,
    "selector": Scalar.TEXT,
    "notSelector": Scalar.TEXT,
    "namespaceSelector": Scalar.TEXT,
    "serviceAccounts": Struct({"names": _TEXTS, "selector": Scalar.TEXT}),
    "services": Struct({"name": Scalar.TEXT, "namespace": Scalar.TEXT}),
}
_HTTP: dict[str, Shape] = {
    "methods": _TEXTS,
    "paths": ListOf(Struct({"exact": Scalar.TEXT, "prefix": Scalar.TEXT})),
}
_HEADERS: dict[str, Shape] = {
    "headers": ListOf(Struct({"header": Scalar.TEXT, "operator": Scalar.TEXT, "values": _TEXTS}))
}
_POLICY: dict[str, Shape] = {
    "tier": Scalar.TEXT,
    "order": Scalar.NUMBER,
    "selector": Scalar.TEXT,
    "serviceAccountSelector": Scalar.TEXT,
    "types": _TEXTS,
    "performanceHints": _TEXTS,
}
_GLOBAL: dict[str, Shape] = {
    "namespaceSelector": Scalar.TEXT,
    "doNotTrack": Scalar.FLAG,
    "preDNAT": Scalar.FLAG,
    "applyOnForward": Scalar.FLAG,
}
_HOST: dict[str, Shape] = {
    "node": Scalar.TEXT,
    "interfaceName": Scalar.TEXT,
    "expectedIPs": _TEXTS,
    "profiles": _TEXTS,
    "ports": ListOf(
        Struct({"name": Scalar.TEXT, "protocol": Scalar.WHOLE_OR_TEXT, "port": Scalar.WHOLE})
    ),
}
_STAGED: dict[str, Shape] = {"stagedAction": Scalar.TEXT}
_ANY: dict[str, Shape] = {"status": Scalar.ANY}


def _rules(dialect: Dialect) -> Shape:
    domains: dict[str, Shape] = {"domains": _TEXTS} if dialect.domains else {}
    entity = Struct({**_ENTITY, **domains})
    return ListOf(
        Struct(
            {
                "action": Scalar.TEXT,
                "ipVersion": Scalar.WHOLE,
                "protocol": Scalar.WHOLE_OR_TEXT,
                "notProtocol": Scalar.WHOLE_OR_TEXT,
                "icmp": _ICMP,
                "notICMP": _ICMP,
                "source": entity,
                "destination": entity,
                "http": Struct({**_HTTP, **(_HEADERS if dialect.domains else {})}),
                "metadata": Struct({"annotations": MapOf(Scalar.TEXT)}),
            }
        )
    )


@cache
def shapes(dialect: Dialect) -> dict[str, Struct]:
    """The shape of each kind of `projectcalico.org/v3` that this model reads."""
    rules: dict[str, Shape] = dict.fromkeys(("ingress", "egress"), _rules(dialect))
    own, wide = {**_POLICY, **rules}, {**_POLICY, **_GLOBAL, **rules}
    nets: dict[str, Shape] = {"nets": _TEXTS}
    if dialect.domains:
        nets["allowedEgressDomains"] = _TEXTS
    specs: dict[str, dict[str, Shape]] = {
        "NetworkPolicy": own,
        "GlobalNetworkPolicy": wide,
        "NetworkSet": nets,
        "GlobalNetworkSet": nets,
    }
    if dialect.staged:
        specs["StagedNetworkPolicy"] = {**own, **_STAGED}
        specs["StagedGlobalNetworkPolicy"] = {**wide, **_STAGED}
        specs["StagedKubernetesNetworkPolicy"] = {**KUBERNETES_SPEC, **_STAGED}
    specs["HostEndpoint"] = _HOST
    found = {kind: kind_shape(Struct(spec)) for kind, spec in specs.items()}
    tier = Struct({"order": Scalar.NUMBER, "defaultAction": Scalar.TEXT})
    found["Tier"] = kind_shape(tier, **(_ANY if dialect.tier_status else {}))
    return found
