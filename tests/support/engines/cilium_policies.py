"""Random policies over a small vocabulary, so that rules often meet on the same flow."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Tree = dict[str, Any]

HOSTS = ("a.example.com", "b.example.com", "x.b.example.com", "other.org")
PATTERNS = ("*.example.com", "**.example.com", "*", "a*.example.com")

SUBJECTS: st.SearchStrategy[Tree] = st.sampled_from(
    [
        {},
        {"matchLabels": {"app": "web"}},
        {"matchLabels": {"k8s:app": "pay"}},
        {"matchExpressions": [{"key": "tier", "operator": "Exists"}]},
        {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]},
    ]
)
PODS: st.SearchStrategy[Tree] = st.sampled_from(
    [
        {},
        {"matchLabels": {"app": "pay"}},
        {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "bank"}},
        {"matchLabels": {"io.cilium.k8s.namespace.labels.env": "test"}},
        {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s-app": "kube-dns"}},
        {"matchExpressions": [{"key": "k8s:io.kubernetes.pod.namespace", "operator": "Exists"}]},
        {"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "robot"}},
        {"matchLabels": {"reserved:host": ""}},
        {"matchExpressions": [{"key": "reserved:kube-apiserver", "operator": "DoesNotExist"}]},
    ]
)
ENTITIES = st.sampled_from(
    ["all", "world", "world-ipv4", "cluster", "host", "remote-node", "kube-apiserver", "none"]
)
RANGES = st.sampled_from(
    ["198.51.100.0/24", "198.51.100.7/32", "9.9.9.9/32", "0.0.0.0/0", "2001:db8::/32", "10.0.0.0/8"]
)
CIDR_RULES: st.SearchStrategy[Tree] = st.one_of(
    st.builds(lambda cidr: {"cidr": cidr}, RANGES),
    st.just({"cidr": "198.51.0.0/16", "except": ["198.51.100.0/24"]}),
    st.just({"cidr": "0.0.0.0/0", "except": ["198.51.100.0/25", "9.0.0.0/8"]}),
)
NAMES: st.SearchStrategy[Tree] = st.one_of(
    st.sampled_from(HOSTS).map(lambda name: {"matchName": name}),
    st.sampled_from(PATTERNS).map(lambda name: {"matchPattern": name}),
)
PORTS: st.SearchStrategy[Tree] = st.sampled_from(
    [
        {"port": "443", "protocol": "TCP"},
        {"port": "443"},
        {"port": "8080", "protocol": "TCP"},
        {"port": "400", "endPort": 500, "protocol": "TCP"},
        {"port": "1", "endPort": 65535, "protocol": "UDP"},
        {"port": "0", "protocol": "TCP"},
        {"port": "0", "endPort": 450, "protocol": "TCP"},
        {"port": "53", "endPort": 53},
        {"port": "53", "protocol": "UDP"},
        {"port": "53", "protocol": "ANY"},
        {"port": "http", "protocol": "TCP"},
    ]
)


def listed(items: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[list[Any]]:
    """One or more of these."""
    return st.lists(items, min_size=1, max_size=most)


def keyed(key: str, items: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    """An item with one list."""
    return listed(items).map(lambda found: {key: found})


INSIDE: st.SearchStrategy[Tree] = st.one_of(
    st.just({}),
    keyed("toEndpoints", PODS),
    keyed("toEndpoints", PODS),
    keyed("toEntities", ENTITIES),
    keyed("toCIDR", RANGES),
    keyed("toCIDRSet", CIDR_RULES),
    st.just({"toCIDR": []}),
)
NAMED = st.lists(NAMES, min_size=1, max_size=3).map(lambda found: {"toFQDNs": found})
PLAIN: st.SearchStrategy[Tree] = st.one_of(
    st.just({}),
    listed(PORTS).map(lambda found: {"toPorts": [{"ports": found}]}),
    st.just({"icmps": [{"fields": [{"family": "IPv4", "type": 8}]}]}),
    st.just({"icmps": [{"fields": [{"type": 300}, {"family": "IPv6", "type": -1}]}]}),
)
DNS: st.SearchStrategy[Tree] = st.builds(
    lambda names, port: {
        "toPorts": [{"ports": [{"port": port, "protocol": "ANY"}], "rules": {"dns": names}}]
    },
    listed(NAMES, 3),
    st.sampled_from(["53", "53", "5353"]),
)
TLS: st.SearchStrategy[Tree] = st.builds(
    lambda names, port: {
        "toPorts": [{"ports": [{"port": port, "protocol": "TCP"}], "serverNames": names}]
    },
    st.lists(st.sampled_from(HOSTS), min_size=1, max_size=2, unique=True),
    st.sampled_from(["443", "443", "8080"]),
)
HTTP: st.SearchStrategy[Tree] = st.builds(
    lambda entries: {
        "toPorts": [{"ports": [{"port": "8080", "protocol": "TCP"}], "rules": {"http": entries}}]
    },
    listed(
        st.sampled_from(
            [{"method": "GET"}, {"method": "GET|POST", "path": "/v1/.*"}, {"headers": ["X-A: b"]}]
        )
    ),
)


def joined(*parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    """An item of several parts."""
    return st.tuples(*parts).map(lambda found: {key: part[key] for part in found for key in part})


ASKING = joined(
    keyed("toEndpoints", PODS)
    | st.just({"toCIDR": ["9.9.9.9/32"]})
    | st.just({"toEntities": ["all"]}),
    DNS,
)
RESOLVING = st.just(
    {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s-app": "kube-dns"}
).flatmap(lambda labels: DNS.map(lambda ports: {"toEndpoints": [{"matchLabels": labels}], **ports}))
ALLOWING: st.SearchStrategy[Tree] = st.one_of(
    joined(INSIDE, PLAIN),
    joined(INSIDE, PLAIN),
    joined(NAMED, PLAIN),
    joined(NAMED, TLS),
    joined(INSIDE, TLS),
    joined(INSIDE, HTTP),
    RESOLVING,
    RESOLVING,
    ASKING,
)


@st.composite
def policies(draw: st.DrawFn) -> list[Tree]:
    """Some objects, all of one cluster."""
    kinds = st.sampled_from(["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"])
    found = []
    for number in range(draw(st.integers(1, 4))):
        spec: Tree = {
            "endpointSelector": draw(SUBJECTS),
            "egress": draw(st.lists(ALLOWING, max_size=3)),
        }
        if draw(st.integers(0, 3)) == 0:
            spec["egressDeny"] = draw(st.lists(joined(INSIDE, PLAIN), max_size=2))
        if draw(st.integers(0, 3)) == 0:
            spec["enableDefaultDeny"] = {"egress": draw(st.booleans())}
        kind = draw(kinds)
        metadata = {"name": f"p{number}"}
        if kind == "CiliumNetworkPolicy":
            metadata["namespace"] = draw(st.sampled_from(["shop", "shop", "bank"]))
        found.append(
            {"apiVersion": "cilium.io/v2", "kind": kind, "metadata": metadata, "spec": spec}
        )
    if draw(st.integers(0, 4)) == 0:
        found.append(draw(NETWORK_POLICIES))
    return found


NETWORK_POLICIES: st.SearchStrategy[Tree] = st.builds(
    lambda pods, peers, ports: {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "k", "namespace": "shop"},
        "spec": {
            "podSelector": pods,
            "policyTypes": ["Egress"],
            "egress": [{"to": peers, "ports": ports}],
        },
    },
    st.sampled_from([{}, {"matchLabels": {"app": "web"}}]),
    st.lists(
        st.sampled_from(
            [
                {"podSelector": {}},
                {"namespaceSelector": {"matchLabels": {"env": "test"}}},
                {"ipBlock": {"cidr": "198.51.0.0/16", "except": ["198.51.100.0/24"]}},
            ]
        ),
        max_size=2,
    ),
    st.lists(
        st.sampled_from(
            [{"port": 443}, {"port": 400, "endPort": 500}, {"port": "http"}, {"protocol": "UDP"}]
        ),
        max_size=2,
    ),
)
