from ipaddress import ip_network

import pytest

from transire.k8s.label_selector import LabelSelector, Operator, Requirement
from transire.k8s.manifests import Manifest, ObjectRef
from transire.k8s.networkpolicy import (
    EgressRule,
    IPBlock,
    NetworkPolicy,
    ParsedPolicies,
    PolicyPeer,
    PolicyPort,
    is_networkpolicy,
    parse_networkpolicies,
    spec_fault,
)

REF = ObjectRef(kind="NetworkPolicy", namespace="shop", name="p")


def manifest(spec: object, meta: dict[str, object] | None = None, index: int = 0) -> Manifest:
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "shop", **(meta or {})},
        "spec": spec,
    }
    return Manifest(source="p.yaml", index=index, body=body)


def parsed(spec: object, **meta: object) -> ParsedPolicies:
    return parse_networkpolicies([manifest(spec, meta)])


def why(spec: object, **meta: object) -> str:
    (refused,) = parsed(spec, **meta).refused
    assert (refused.manifest, refused.by) == (0, "api-server")
    return refused.why


def only(spec: object) -> NetworkPolicy:
    (policy,) = parsed(spec).policies
    return policy


def test_a_whole_policy_is_read() -> None:
    policy = only(
        {
            "podSelector": {"matchLabels": {"app": "web"}},
            "policyTypes": ["Egress"],
            "egress": [
                {
                    "to": [
                        {"ipBlock": {"cidr": "198.51.100.9/24", "except": ["198.51.100.64/26"]}},
                        {"podSelector": {}, "namespaceSelector": {}},
                    ],
                    "ports": [{"port": 443}, {"protocol": "UDP", "port": "dns"}, {}],
                }
            ],
        }
    )

    assert policy == NetworkPolicy(
        manifest=0,
        object=REF,
        pods=LabelSelector(
            requirements=(Requirement(key="app", operator=Operator.IN, values=frozenset({"web"})),)
        ),
        types=frozenset({"Egress"}),
        egress=(
            EgressRule(
                peers=(
                    PolicyPeer(
                        block=IPBlock(
                            cidr=ip_network("198.51.100.0/24"),
                            excepts=(ip_network("198.51.100.64/26"),),
                        )
                    ),
                    PolicyPeer(pods=LabelSelector(), namespaces=LabelSelector()),
                ),
                ports=(
                    PolicyPort(first=443, last=443),
                    PolicyPort(protocol="UDP", name="dns"),
                    PolicyPort(),
                ),
            ),
        ),
        spellings=("198.51.100.9/24",),
    )


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        (
            {"cidr": "198.51.100.7/24"},
            "cidr '198.51.100.7/24' has address bits behind the prefix, write 198.51.100.0/24",
        ),
        (
            {"cidr": "198.51.100.0/24", "except": ["198.51.100.0/25", "198.51.100.9/26"]},
            "except/1 '198.51.100.9/26' has address bits behind the prefix, write 198.51.100.0/26",
        ),
        ({"cidr": "198.051.100.0/24"}, "cidr '198.051.100.0/24' has leading zeros"),
        (
            {"cidr": "::ffff:198.51.100.0/120"},
            "cidr '::ffff:198.51.100.0/120' is an IPv4 range in IPv6 spelling",
        ),
    ],
)
def test_newer_api_servers_refuse_other_spellings(block: dict[str, object], fault: str) -> None:
    spec = {"podSelector": {}, "ingress": [{"from": [{"ipBlock": block}]}]}

    assert spec_fault(spec) == ""
    assert spec_fault(spec, strict=True) == f"/spec/ingress/0/from/0/ipBlock/{fault}"


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        ({}, {"Ingress"}),
        ({"egress": []}, {"Ingress"}),
        ({"egress": [{}]}, {"Ingress", "Egress"}),
        ({"policyTypes": []}, {"Ingress"}),
        ({"policyTypes": ["Ingress"], "egress": [{}]}, {"Ingress"}),
        ({"policyTypes": ["Egress", "Egress"]}, {"Egress"}),
    ],
)
def test_types_are_stored_as_the_api_server_defaults_them(
    spec: dict[str, object], types: set[str]
) -> None:
    assert types == only(spec).types


@pytest.mark.parametrize(
    ("operator", "values", "labels", "selected"),
    [
        ("In", ["a", "b"], {"app": "b"}, True),
        ("In", ["a", "b"], {}, False),
        ("NotIn", ["a"], {"app": "b"}, True),
        ("NotIn", ["a"], {"app": "a"}, False),
        ("NotIn", ["a"], {}, True),
        ("Exists", None, {"app": ""}, True),
        ("Exists", None, {}, False),
        ("DoesNotExist", None, {}, True),
        ("DoesNotExist", [], {"app": "x"}, False),
    ],
)
def test_an_expression_selects_what_kubernetes_says(
    operator: str, values: list[str] | None, labels: dict[str, str], *, selected: bool
) -> None:
    expression = {"key": "app", "operator": operator, "values": values}
    selector = only({"podSelector": {"matchExpressions": [expression]}}).pods

    assert selected == selector.matches(labels)


def test_a_null_rule_is_an_empty_rule_and_so_allows_everything() -> None:
    assert (EgressRule(),) == only({"egress": [None]}).egress


def test_numbers_that_are_whole_are_ports_however_they_are_written() -> None:
    ((port,),) = (each.ports for each in only({"egress": [{"ports": [{"port": 443.0}]}]}).egress)

    assert PolicyPort(first=443, last=443) == port


def test_unknown_keys_are_pruned_and_named() -> None:
    found = parsed({"Egress": [{}], "egress": [{"action": "Deny", "x~/y": 1}]}, extra=1)

    assert [each.path for each in found.pruned] == [
        "/metadata/extra",
        "/spec/Egress",
        "/spec/egress/0/action",
        "/spec/egress/0/x~0~1y",
    ]
    assert len(found.policies) == 1


def egress(**rule: object) -> dict[str, object]:
    return {"policyTypes": ["Egress"], "egress": [rule]}


def pods(**expression: object) -> dict[str, object]:
    return {"podSelector": {"matchExpressions": [expression]}}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("all", "/spec is the string 'all' where an object belongs"),
        ({"egress": {}}, "/spec/egress is an object where a list belongs"),
        (
            {"policyTypes": "Egress"},
            "/spec/policyTypes is the string 'Egress' where a list belongs",
        ),
        (
            {"podSelector": {"matchLabels": {"v": 1.5}}},
            "/spec/podSelector/matchLabels/v is the number 1.5 where a string belongs",
        ),
        (
            egress(ports=[{"port": True}]),
            "/spec/egress/0/ports/0/port is true where a whole number or a string belongs",
        ),
        ({"policyTypes": ["egress"]}, "/spec/policyTypes/0 'egress' is neither Ingress nor Egress"),
        (
            {"policyTypes": ["Egress", "Ingress", "Egress"]},
            "/spec/policyTypes lists 3 types, at most two are taken",
        ),
        (
            egress(ports=[{"protocol": "tcp"}]),
            "/spec/egress/0/ports/0/protocol 'tcp' is none of TCP, UDP and SCTP",
        ),
        (egress(ports=[{"port": 0}]), "/spec/egress/0/ports/0/port 0 is not between 1 and 65535"),
        (
            egress(ports=[{"port": 65536}]),
            "/spec/egress/0/ports/0/port 65536 is not between 1 and 65535",
        ),
        (
            egress(ports=[{"port": "443"}]),
            "/spec/egress/0/ports/0/port '443' is not a valid port name",
        ),
        (
            egress(ports=[{"port": "a--b"}]),
            "/spec/egress/0/ports/0/port 'a--b' is not a valid port name",
        ),
        (egress(ports=[{"endPort": 9}]), "/spec/egress/0/ports/0/endPort is given without a port"),
        (
            egress(ports=[{"port": "web", "endPort": 9}]),
            "/spec/egress/0/ports/0/endPort is given beside the named port 'web'",
        ),
        (
            egress(ports=[{"port": 8010, "endPort": 8000}]),
            "/spec/egress/0/ports/0/endPort 8000 is not between the port 8010 and 65535",
        ),
        (egress(to=[{}]), "/spec/egress/0/to/0 names no peer"),
        (egress(to=[{"ipblock": {"cidr": "1.2.3.0/24"}}]), "/spec/egress/0/to/0 names no peer"),
        (
            egress(to=[{"ipBlock": {"cidr": "1.2.3.0/24"}, "podSelector": {}}]),
            "/spec/egress/0/to/0 names an ipBlock beside another peer",
        ),
        (
            egress(to=[{"ipBlock": {}}]),
            "/spec/egress/0/to/0/ipBlock/cidr '' is not an address range",
        ),
        (
            egress(to=[{"ipBlock": {"cidr": "198.51.100.7"}}]),
            "/spec/egress/0/to/0/ipBlock/cidr '198.51.100.7' is not an address range",
        ),
        (
            egress(to=[{"ipBlock": {"cidr": "198.51.100.0/255.255.255.0"}}]),
            "/spec/egress/0/to/0/ipBlock/cidr '198.51.100.0/255.255.255.0' is not an address range",
        ),
        (
            egress(to=[{"ipBlock": {"cidr": "fe80::%eth0/64"}}]),
            "/spec/egress/0/to/0/ipBlock/cidr 'fe80::%eth0/64' is not an address range",
        ),
        (
            egress(to=[{"ipBlock": {"cidr": "198.51.100.0/24", "except": ["198.51.100.0/24"]}}]),
            (
                "/spec/egress/0/to/0/ipBlock/except/0 '198.51.100.0/24' is not a strict part of "
                "'198.51.100.0/24'"
            ),
        ),
        (
            egress(to=[{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["2001:db8::/32"]}}]),
            (
                "/spec/egress/0/to/0/ipBlock/except/0 '2001:db8::/32' is not a strict part of "
                "'0.0.0.0/0'"
            ),
        ),
        (
            egress(to=[{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["x"]}}]),
            "/spec/egress/0/to/0/ipBlock/except/0 'x' is not an address range",
        ),
        (
            pods(key="app", operator="Contains"),
            (
                "/spec/podSelector/matchExpressions/0/operator 'Contains' is none of In, NotIn, Exists "
                "and DoesNotExist"
            ),
        ),
        (
            pods(key="a b", operator="Exists"),
            "/spec/podSelector/matchExpressions/0/key 'a b' is not a valid label key",
        ),
        (
            pods(key="app", operator="In", values=[]),
            "/spec/podSelector/matchExpressions/0/values are missing, which In needs",
        ),
        (
            pods(key="app", operator="Exists", values=["x"]),
            "/spec/podSelector/matchExpressions/0/values are given, which Exists does not take",
        ),
        (
            pods(key="app", operator="NotIn", values=["x", "a b"]),
            "/spec/podSelector/matchExpressions/0/values/1 'a b' is not a valid label value",
        ),
        (
            {"podSelector": {"matchLabels": {"app": "a b"}}},
            "/spec/podSelector/matchLabels/app is 'a b', which is not a valid label value",
        ),
        (
            {"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"/": "x"}}}]}]},
            "/spec/ingress/0/from/0/namespaceSelector/matchLabels/~1 is not a valid label key",
        ),
    ],
)
def test_what_the_api_server_refuses_says_where_and_why(spec: object, message: str) -> None:
    assert message == why(spec)


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"name": "Bad_Name"}, "/metadata/name 'Bad_Name' is not a DNS name in lower case"),
        ({"name": None}, "/metadata/name '' is not a DNS name in lower case"),
        ({"namespace": "A"}, "/metadata/namespace 'A' is not a DNS label in lower case"),
        ({"labels": {"a b": "x"}}, "/metadata/labels/a b is not a valid label key"),
        ({"annotations": {"a b": "x"}}, "/metadata/annotations/a b is not a valid key"),
        (
            {"annotations": {"note": "x" * 262144}},
            "/metadata/annotations hold 262148 bytes, at most 262144 are taken",
        ),
    ],
)
def test_metadata_that_the_api_server_refuses(meta: dict[str, object], message: str) -> None:
    assert message == why({}, **meta)


@pytest.mark.parametrize(
    ("spec", "meta", "message"),
    [
        (
            {},
            {"namespace": None},
            (
                "NetworkPolicy p: /metadata/namespace: the object names no namespace, so it is not "
                "known which pods it selects"
            ),
        ),
        (
            {},
            {"name": None, "generateName": "p-"},
            "NetworkPolicy shop/: /metadata/generateName: the name is made by the API server",
        ),
        (
            egress(to=[{"ipBlock": {"cidr": "010.0.0.0/8"}}]),
            {},
            (
                "NetworkPolicy shop/p: /spec/egress/0/to/0/ipBlock: programs differ on what the "
                "address range '010.0.0.0/8' means"
            ),
        ),
        (
            egress(to=[{"ipBlock": {"cidr": "::ffff:192.0.2.0/120"}}]),
            {},
            (
                "NetworkPolicy shop/p: /spec/egress/0/to/0/ipBlock: programs differ on what the "
                "address range '::ffff:192.0.2.0/120' means"
            ),
        ),
    ],
)
def test_what_is_taken_but_not_modelled_is_a_doubt(
    spec: object, meta: dict[str, object], message: str
) -> None:
    found = parsed(spec, **meta)

    assert (found.policies, found.refused) == ((), ())
    assert [message] == [str(each) for each in found.unmodelled]


def test_an_object_given_again_with_the_same_content_is_one() -> None:
    found = parse_networkpolicies([manifest({}), manifest({}, index=1)])

    assert ([each.manifest for each in found.policies], found.unmodelled) == ([0], ())


def test_an_object_given_twice_is_a_doubt() -> None:
    found = parse_networkpolicies([manifest({}), manifest({"policyTypes": ["Egress"]}, index=1)])

    assert [str(each) for each in found.unmodelled] == [
        (
            "NetworkPolicy shop/p: /metadata/name: the object is given twice, so it is not known which "
            "one the cluster holds"
        )
    ]


def test_only_the_served_version_counts() -> None:
    old = Manifest(
        source="p.yaml",
        index=0,
        body={"apiVersion": "extensions/v1beta1", "kind": "NetworkPolicy", "metadata": {}},
    )

    assert (is_networkpolicy(manifest({})), is_networkpolicy(old)) == (True, False)
