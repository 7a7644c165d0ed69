"""Draw small clusters full of Calico objects, and flows between what lives there.

The vocabulary is small on purpose, so that drawn selectors often meet drawn labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from hypothesis import strategies as st

from transire.k8s.manifests import Manifest
from transire.queries.cluster_state import ClusterState, Node, Pod

Tree = dict[str, Any]

NAMESPACES: Mapping[str, Mapping[str, str]] = {
    "shop": {"env": "prod"},
    "bank": {"env": "test", "zone": "a"},
}
PODS = (
    Pod(namespace="shop", name="web", labels={"app": "web"}, ips=(ip_address("10.0.1.1"),)),
    Pod(
        namespace="shop",
        name="db",
        labels={"app": "db", "zone": "a"},
        ips=(ip_address("10.0.1.2"), ip_address("fd00::2")),
        service_account="robot",
    ),
    Pod(
        namespace="bank",
        name="web",
        labels={"app": "web", "zone": "b"},
        ips=(ip_address("10.0.2.1"),),
    ),
    Pod(namespace="bank", name="bare", ips=(ip_address("10.0.2.2"),)),
    Pod(
        namespace="kube-system",
        name="coredns",
        labels={"k8s-app": "kube-dns"},
        ips=(ip_address("10.0.3.1"),),
    ),
)
CLUSTER = ClusterState(
    namespace_labels=NAMESPACES,
    pods=PODS,
    nodes=(Node(name="node", ip=ip_address("192.168.1.1")),),
)
OUTSIDE = tuple(
    ip_address(text) for text in ("198.51.100.7", "198.51.100.200", "203.0.113.9", "2001:db8::7")
)
HOSTS = ("api.pay.test", "a.api.pay.test", "pay.test", "www.pay.test", "evil.test")

_NETS = {
    4: ("198.51.100.0/24", "198.51.100.128/25", "10.0.0.0/8", "0.0.0.0/0", "203.0.113.9/32"),
    6: ("2001:db8::/32", "fd00::/8", "::/0"),
}
DOMAINS = ("api.pay.test", "*.pay.test", "www.*.test", "evil.test")
_COMPARISONS = (
    "app == 'web'", "app != 'web'", "app in {'web', 'db'}", "app not in {'db'}", "has(zone)",
    "!has(zone)", "zone == 'a'", "app starts with 'w'", "app ends with 'b'", "app contains 'e'",
    "all()", "env == 'prod'", "projectcalico.org/namespace == 'shop'",
    "projectcalico.org/orchestrator == 'k8s'", "projectcalico.org/serviceaccount == 'robot'",
    "set == 'one'", "has(set)", "zone in {}",
)  # fmt: skip
_SPACES = (
    "env == 'prod'", "env != 'prod'", "all()", "global()", "has(zone)",
    "kubernetes.io/metadata.name == 'kube-system'", "projectcalico.org/name in {'shop', 'bank'}",
)  # fmt: skip


@st.composite
def selectors(draw: st.DrawFn) -> str:
    """A selector of one to three comparisons."""
    parts = draw(st.lists(st.sampled_from(_COMPARISONS), min_size=1, max_size=3))
    text = draw(st.sampled_from((" && ", " || "))).join(parts)
    return draw(st.sampled_from(("{}", "{}", "!({})"))).format(text)


def _sometimes(draw: st.DrawFn, tree: Tree, key: str, values: st.SearchStrategy[Any]) -> None:
    if draw(st.integers(0, 3)) == 0:
        tree[key] = draw(values)


@st.composite
def _entities(draw: st.DrawFn, family: int, *, ports: bool, domains: bool) -> Tree:
    tree: Tree = {}
    nets = st.lists(st.sampled_from(_NETS[family]), min_size=1, max_size=2)
    proper = st.lists(st.sampled_from(_NETS[family][:-2] or _NETS[family]), min_size=1, max_size=2)
    if domains and draw(st.integers(0, 2)):
        tree["domains"] = draw(st.lists(st.sampled_from(DOMAINS), min_size=1, max_size=2))
    else:
        _sometimes(draw, tree, "nets", nets)
        _sometimes(draw, tree, "notNets", proper)
        _sometimes(draw, tree, "selector", selectors())
        _sometimes(draw, tree, "notSelector", selectors())
        _sometimes(draw, tree, "namespaceSelector", st.sampled_from(_SPACES))
    if ports:
        numbers = st.lists(st.sampled_from((443, 80, "8000:8010")), min_size=1, max_size=2)
        _sometimes(draw, tree, "ports", numbers)
        _sometimes(draw, tree, "notPorts", numbers)
    return tree


@st.composite
def rules(draw: st.DrawFn, *, domains: bool) -> Tree:
    """An egress rule that Calico takes."""
    tree: Tree = {"action": draw(st.sampled_from(("Allow", "Allow", "Deny", "Pass", "Log")))}
    family = draw(st.sampled_from((4, 4, 6)))
    if draw(st.integers(0, 2)):
        tree["protocol"] = draw(st.sampled_from(("TCP", "UDP", "ICMP", 6)))
    if "protocol" not in tree:
        _sometimes(draw, tree, "notProtocol", st.sampled_from(("TCP", "UDP")))
    if family == 4:
        _sometimes(draw, tree, "ipVersion", st.just(4))
    if tree.get("protocol") == "ICMP":
        key, number = draw(st.sampled_from((("icmp", 8), ("notICMP", 13), ("icmp", 13))))
        code = draw(st.sampled_from(({}, {}, {"code": 0}, {"code": 1})))
        tree[key] = draw(st.sampled_from(({"type": number, **code}, {})))
    tree["destination"] = draw(
        _entities(
            family,
            ports=tree.get("protocol") in {"TCP", "UDP", 6},
            domains=domains and tree["action"] == "Allow",
        )
    )
    if draw(st.integers(0, 5)) == 0:
        tree["source"] = {"selector": draw(st.sampled_from(_COMPARISONS[:9]))}
    return tree


@st.composite
def policies(draw: st.DrawFn, index: int, tiers: list[str], *, domains: bool) -> Tree:
    """A policy of either scope, staged now and then."""
    tier = draw(st.sampled_from(tiers))
    wide = draw(st.booleans())
    spec: Tree = {"tier": tier, "types": ["Egress"]}
    _sometimes(draw, spec, "order", st.sampled_from((1, 1, 2, 1000, 2000)))
    spec["selector"] = draw(selectors())
    _sometimes(draw, spec, "serviceAccountSelector", st.just("projectcalico.org/name == 'robot'"))
    if wide:
        _sometimes(draw, spec, "namespaceSelector", st.sampled_from(("env == 'prod'", "all()")))
    spec["egress"] = draw(st.lists(rules(domains=domains), max_size=3))
    stage = draw(st.sampled_from(("", "", "", "Staged")))
    kind = f"{stage}{'Global' if wide else ''}NetworkPolicy"
    meta: Tree = {"name": f"{tier}.p{draw(st.sampled_from('abc'))}{index}"}
    if not wide:
        meta["namespace"] = draw(st.sampled_from(sorted(NAMESPACES)))
    return {"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": meta, "spec": spec}


@st.composite
def groups(draw: st.DrawFn, index: int, *, domains: bool) -> Tree:
    """A NetworkSet or GlobalNetworkSet."""
    spec: Tree = {"nets": draw(st.lists(st.sampled_from((*_NETS[4][:3], "2001:db8::/32"))))}
    if domains:
        spec["allowedEgressDomains"] = draw(st.lists(st.sampled_from(DOMAINS), max_size=2))
    wide = draw(st.booleans())
    meta: Tree = {"name": f"s{index}", "labels": draw(st.sampled_from(_GROUP_LABELS))}
    if not wide:
        meta["namespace"] = draw(st.sampled_from(sorted(NAMESPACES)))
    kind = "GlobalNetworkSet" if wide else "NetworkSet"
    return {"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": meta, "spec": spec}


_GROUP_LABELS: tuple[dict[str, str], ...] = (
    {"set": "one"},
    {"set": "two", "zone": "a"},
    {},
    {"app": "web"},
)


@st.composite
def kubernetes_policies(draw: st.DrawFn, index: int) -> Tree:
    """A Kubernetes NetworkPolicy for egress."""
    labels = st.sampled_from(({}, {"matchLabels": {"app": "web"}}))
    exists = st.sampled_from(
        (
            {"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]},
            {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]},
        )
    )
    peers = st.one_of(
        st.fixed_dictionaries({"podSelector": labels | exists}),
        st.fixed_dictionaries(
            {"namespaceSelector": st.sampled_from(({}, {"matchLabels": {"env": "prod"}}))},
            optional={"podSelector": labels},
        ),
        st.just({"ipBlock": {"cidr": "198.51.100.0/24", "except": ["198.51.100.128/25"]}}),
        st.just({"ipBlock": {"cidr": "2001:db8::/32"}}),
    )
    ports = st.sampled_from(({"port": 443}, {"protocol": "UDP"}, {"port": 8000, "endPort": 8010}))
    rule = st.fixed_dictionaries(
        {}, optional={"to": st.lists(peers, max_size=2), "ports": st.lists(ports, max_size=2)}
    )
    spec = {
        "podSelector": draw(labels | exists),
        "policyTypes": ["Egress"],
        "egress": draw(st.lists(rule, max_size=2)),
    }
    meta = {"name": f"k{index}", "namespace": draw(st.sampled_from(sorted(NAMESPACES)))}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta,
        "spec": spec,
    }


@st.composite
def cluster_policies(draw: st.DrawFn, index: int) -> Tree:
    """A cluster-wide policy of Kubernetes; each release enforces one of the two kinds."""
    old = draw(st.booleans())
    spaces = st.sampled_from(({}, {"matchLabels": {"env": "prod"}}))
    pods = st.fixed_dictionaries(
        {
            "namespaceSelector": spaces,
            "podSelector": st.sampled_from(({}, {"matchLabels": {"app": "web"}})),
        }
    )
    near = st.fixed_dictionaries({"namespaces": spaces}) | st.fixed_dictionaries({"pods": pods})
    networks = st.sampled_from((["198.51.100.0/24"], ["0.0.0.0/0", "::/0"], ["10.0.0.0/8"]))
    peers = st.lists(near | st.fixed_dictionaries({"networks": networks}), min_size=1, max_size=2)
    actions = ("Allow" if old else "Accept", "Deny", "Pass")
    rule: Tree = {"action": draw(st.sampled_from(actions)), "to": draw(peers)}
    number, between = draw(st.sampled_from((443, 80))), {"start": 8000, "end": 8010}
    if old:
        ports: Tree = {
            "portNumber": {"protocol": "TCP", "port": number},
            "portRange": {"protocol": "UDP", **between},
        }
        key = "ports"
    else:
        ports = {
            "tcp": {"destinationPort": {"number": number}},
            "udp": {"destinationPort": {"range": between}},
        }
        key = "protocols"
    items = [{name: port} for name, port in ports.items()]
    _sometimes(draw, rule, key, st.lists(st.sampled_from(items), min_size=1, max_size=2))
    spec: Tree = {"priority": draw(st.integers(0, 2)), "subject": draw(near), "egress": [rule]}
    if not old:
        spec["tier"] = draw(st.sampled_from(("Admin", "Baseline")))
    return {
        "apiVersion": f"policy.networking.k8s.io/{'v1alpha1' if old else 'v1alpha2'}",
        "kind": "AdminNetworkPolicy" if old else "ClusterNetworkPolicy",
        "metadata": {"name": f"c{index}"},
        "spec": spec,
    }


@st.composite
def worlds(draw: st.DrawFn, *, domains: bool = False) -> list[Manifest]:
    """Tiers, policies, sets and policies of Kubernetes, in any order."""
    tiers = ["default"]
    trees: list[Tree] = []
    for name in draw(st.lists(st.sampled_from(("first", "last")), unique=True)):
        tiers.append(name)
        order = draw(st.sampled_from((10, 2_000_000)))
        spec: Tree = {"order": order, "defaultAction": draw(st.sampled_from(("Deny", "Pass")))}
        meta = {"name": name}
        trees.append(
            {"apiVersion": "projectcalico.org/v3", "kind": "Tier", "metadata": meta, "spec": spec}
        )
    drawn = (
        *(policies(index, tiers, domains=domains) for index in range(draw(st.integers(0, 4)))),
        *(groups(index, domains=domains) for index in range(draw(st.integers(0, 2)))),
        *(kubernetes_policies(index) for index in range(draw(st.integers(0, 2)))),
        *(cluster_policies(index) for index in range(draw(st.sampled_from((0, 0, 1, 2))))),
    )
    trees += [draw(each) for each in drawn]
    trees = draw(st.permutations(trees))
    return [Manifest(source="drawn", index=index, body=body) for index, body in enumerate(trees)]
