"""What a waypoint and an egress gateway let through: policies decide, and where they lie counts."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from support.points.mesh_objects import CLOSED, entry, istio, objects
from transire.points.istio.verdicts.decide import decide
from transire.points.istio.verdicts.mesh import Mesh, MeshConfig
from transire.points.istio.verdicts.request import Answer, Client, Kind, MeshRequest, Target, Way

API = "api.example.com"
FIRST = "240.240.0.1"
OPEN_TLS = replace(CLOSED, wildcard_tls=True)


def waypoint(namespace: str = "team-a") -> dict[str, Any]:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "waypoint", "namespace": namespace},
        "spec": {
            "gatewayClassName": "istio-waypoint",
            "listeners": [{"name": "mesh", "port": 15008, "protocol": "HBONE"}],
        },
    }


def bound(host: str = API, *ports: str, address: str = FIRST, **spec: object) -> dict[str, Any]:
    labels = {"istio.io/use-waypoint": "waypoint"}
    status = {"addresses": [{"value": address, "host": host}]}
    return {**entry(host, *ports, labels=labels, **spec), "status": status}


def policy(name: str, target: str = "ServiceEntry api", **spec: object) -> dict[str, Any]:
    kind, of = target.split()
    groups = {"ServiceEntry": "networking.istio.io"}
    group = groups.get(kind, "gateway.networking.k8s.io")
    return istio(
        "AuthorizationPolicy",
        name,
        **{"targetRefs": [{"group": group, "kind": kind, "name": of}], **spec},
    )


def asks(
    *bodies: dict[str, Any],
    tls: str | None = None,
    http: str | None = None,
    port: int = 0,
    address: str = FIRST,
    sender: str = "team-a/app",
    path: str = "/",
    config: MeshConfig = CLOSED,
) -> Answer:
    namespace, account = sender.split("/")
    request = MeshRequest(
        client=Client(namespace=namespace, account=account),
        way=Way.WAYPOINT,
        kind=Kind.HTTP if http else Kind.TLS,
        address=ip_address(address),
        port=port or (80 if http else 443),
        server_name=tls,
        host=http or "",
        method="GET",
        path=path,
    )
    return decide(Mesh(objects=objects(*bodies), config=config), request)


OWN = [{"source": {"namespaces": ["team-a"]}}]
NOTHING = policy("egress-default", "Gateway waypoint")
ALLOW = policy("api", rules=[{"from": OWN, "when": [{"key": "connection.sni", "values": [API]}]}])


def test_an_entry_without_a_policy_is_open_to_everybody_with_any_name() -> None:
    for sender, name in (("team-a/app", API), ("team-z/app", "evil.example.net")):
        answer = asks(waypoint(), bound(name="api"), tls=name, sender=sender)

        assert answer.target == Target(at=API, port=443)


def test_allow_nothing_at_the_waypoint_and_one_policy_an_entry_is_exact() -> None:
    mesh = waypoint(), bound(name="api"), NOTHING, ALLOW

    assert asks(*mesh, tls=API).allowed
    assert asks(*mesh, tls="other.example.com").reason == (
        "no rule of AuthorizationPolicy team-a/api, AuthorizationPolicy team-a/egress-default "
        "allows it"
    )
    assert not asks(*mesh, tls=None).allowed
    assert not asks(*mesh, tls=API, sender="team-b/app").allowed
    new = bound("new.example.com", address="240.240.0.9")
    assert not asks(*mesh, new, tls="new.example.com", address="240.240.0.9").allowed


def test_an_allow_of_a_team_widens_that_of_the_platform_and_a_deny_does_not() -> None:
    everybody = policy("all", rules=[{}])
    platform = policy("gw", "Gateway waypoint", rules=[{"from": OWN}])
    deny = policy(
        "deny",
        "Gateway waypoint",
        action="DENY",
        rules=[{"from": [{"source": {"notNamespaces": ["team-a"]}}]}],
    )

    mesh = waypoint(), bound(name="api"), platform, everybody
    assert asks(*mesh, tls=API, sender="team-b/app").allowed
    assert not asks(*mesh, deny, tls=API, sender="team-b/app").allowed


def test_policies_that_reach_nothing_leave_an_entry_open() -> None:
    wrong_name = policy("none", "ServiceEntry apii")
    elsewhere = policy("none", namespace="team-b")
    selected = istio("AuthorizationPolicy", "none", selector={"matchLabels": {"a": "b"}})
    tried = policy("none", annotations={"istio.io/dry-run": "true"})
    classed = policy("none", "GatewayClass istio-waypoint")

    for each in (wrong_name, elsewhere, selected, tried, classed):
        assert asks(waypoint(), bound(name="api"), each, tls=API, sender="team-z/app").allowed
    root = policy("none", "GatewayClass istio-waypoint", namespace="istio-system")
    assert not asks(waypoint(), bound(name="api"), root, tls=API).allowed


def test_hosts_of_policies_are_compared_with_the_port() -> None:
    def hosts(*names: str) -> dict[str, Any]:
        return policy("api", rules=[{"to": [{"operation": {"hosts": list(names)}}]}])

    mesh = waypoint(), bound(API, "HTTP 80", name="api")
    assert not asks(*mesh, hosts(API), http=f"{API}:80").allowed
    assert asks(*mesh, hosts(API, f"{API}:80"), http=f"{API}:80").allowed
    assert asks(*mesh, hosts(f"{API}:*"), http=f"{API}:8080").allowed


def test_paths_that_are_forbidden_are_compared_with_case_after_decoding() -> None:
    rules = [{"to": [{"operation": {"notPaths": ["/admin*"]}}]}]
    mesh = waypoint(), bound(API, "HTTP 80", name="api"), policy("api", rules=rules)

    assert not asks(*mesh, http=API, path="/admin/x").allowed
    assert not asks(*mesh, http=API, path="/%61dmin").allowed
    assert asks(*mesh, http=API, path="/Admin").allowed


def test_a_wildcard_over_tls_is_dead_or_an_open_proxy() -> None:
    mesh = waypoint(), bound("*.example.org", resolution="DYNAMIC_DNS", name="api")
    below = policy(
        "api", rules=[{"when": [{"key": "connection.sni", "values": ["*.example.org"]}]}]
    )

    assert not asks(*mesh, tls="a.example.org").allowed
    assert asks(*mesh, tls="evil.example.net", config=OPEN_TLS).target == Target(
        at="evil.example.net", port=443
    )
    assert not asks(*mesh, below, tls="evil.example.net", config=OPEN_TLS).allowed
    assert not asks(*mesh, below, tls="example.org", config=OPEN_TLS).allowed
    assert asks(*mesh, below, tls="a.b.example.org", config=OPEN_TLS).allowed


def test_one_waypoint_serves_a_host_of_one_namespace_and_two_serve_both() -> None:
    second = bound(name="api", address="240.240.0.2", namespace="team-b")

    mesh = waypoint(), waypoint("team-b"), bound(name="api"), second
    assert asks(*mesh, tls=API).allowed
    assert asks(*mesh, tls=API, address="240.240.0.2", sender="team-b/app").allowed


def test_an_entry_that_no_waypoint_serves_is_let_through_by_none() -> None:
    unbound = {**entry(name="api"), "status": bound()["status"]}

    assert asks(waypoint(), unbound, tls=API).reason == (
        "no waypoint serves ServiceEntry team-a/api"
    )
    space = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "team-a", "labels": {"istio.io/use-waypoint": "waypoint"}},
    }
    assert asks(waypoint(), unbound, space, tls=API).allowed
