"""What is written for a mesh is what rules mean; what it cannot have exactly is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from support import needs
from support.points.drawn_meshes import listener_of, rule, target_of, targets
from support.shared_data import shared
from transire.flows.request_set import Request
from transire.model.http import Http, PathPattern, Tls
from transire.model.pod_selector import PodSelector
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget
from transire.points.istio.facts import MeshMode
from transire.points.istio.point import POINTS
from transire.points.istio.reading import read_mesh
from transire.points.meaning import listener_requests
from transire.points.proof import differences, prove

RECOMMENDED = shared("conformance/istio-recommended")
V1 = Http(methods=("GET", "HEAD"), paths=(PathPattern.parse("/v1/**"),))
AMBIENT, GATEWAY, SIDECAR = MeshMode.AMBIENT, MeshMode.GATEWAY, MeshMode.SIDECAR


def target(mode: MeshMode, *rules: PointRule, audit: bool = False) -> PointTarget:
    return target_of(mode, listener_of("team-a", *rules, audit=audit), listener_of("team-b"))


WHOLE: Mapping[MeshMode, tuple[PointRule, ...]] = {
    AMBIENT: (
        rule("api.example.com"),
        rule("api.example.com", "80", V1),
        rule("**.wild.example.org", "80"),
        rule("db.example.com", "5432"),
    ),
    GATEWAY: (rule("api.example.com"),),
    SIDECAR: (
        rule("api.example.com", "80 443"),
        rule("only.example.com", "80", V1),
        rule("tls.example.com", "443", V1, Tls.ORIGINATE),
        rule("**.wild.example.org", "443"),
    ),
}


def objects(files: Mapping[str, str]) -> list[Any]:
    return [each for name in sorted(files) for each in yaml.safe_load_all(files[name])]


def text(bodies: list[Any]) -> dict[str, str]:
    return {"mesh.yaml": yaml.safe_dump_all(bodies, sort_keys=False)}


@pytest.mark.slow("many examples")
@given(targets())
@settings(max_examples=60)
def test_what_is_written_is_proved_or_refused(drawn: tuple[MeshMode, PointTarget]) -> None:
    mode, wanted = drawn
    proof = prove(POINTS[mode], wanted)

    assert proof.unmodelled == ()
    assert [str(each) for each in proof.differences] == []
    assert proof.holds or all(each.id for each in proof.written.refusals)


@pytest.mark.parametrize("mode", MeshMode)
def test_a_target_of_every_form_is_proved(mode: MeshMode) -> None:
    assert prove(POINTS[mode], target(mode, *WHOLE[mode])).holds
    if mode is not GATEWAY:
        assert prove(POINTS[mode], target(mode, *WHOLE[mode], audit=True)).holds


@pytest.mark.parametrize("mode", MeshMode)
def test_single_requests_are_judged_as_the_sets_are(mode: MeshMode) -> None:
    wanted = target(mode, *WHOLE[mode])
    reading = read_mesh(POINTS[mode].write(wanted).files, wanted.release)
    hosts = ("api.example.com", "a.wild.example.org", "wild.example.org", "evil.example.net")
    tunnels = [Request(host=host, port=port) for host in hosts for port in (443, 5432)]
    clear = [
        Request(host=host, port=port, method=method, path=path, tls=port == 443)
        for host in (*hosts, "only.example.com", "tls.example.com")
        for port in (80, 443)
        for method in ("GET", "POST")
        for path in ("/v1/x", "/v2")
    ]

    for name in reading.listeners:
        for request in (*tunnels, *clear):
            assert reading.decide(name, request).allowed is (request in reading.requests(name)), (
                name,
                str(request),
            )


def refused(mode: MeshMode, *rules: PointRule) -> list[str]:
    return [str(each) for each in POINTS[mode].write(target(mode, *rules)).refusals]


def test_what_no_mode_can_have_is_refused_with_what_would_work() -> None:
    for mode in MeshMode:
        assert refused(mode, rule("*.example.com")) == [
            (
                "shop/api: Istio knows * as any depth, so that *.example.com cannot be exact "
                "(istio-one-label)\n  help: name the hosts, or write ** where any depth is meant"
            )
        ]
        assert (
            "shop/api: an entry of Istio has single ports, and 8000-8010/TCP is a range "
            "(istio-port-range)\n  help: list the ports, or leave the rule to the CNI policy"
        ) in refused(mode, rule("api.example.com", "8000-8010"))
        assert refused(mode, rule("my_host.example.com")) == [
            (
                "shop/api: Istio takes no host with an underscore, such as my_host.example.com "
                "(istio-underscore)\n  help: leave the host to the CNI policy"
            )
        ]


def test_what_one_mode_cannot_have_names_another() -> None:
    assert refused(GATEWAY, rule("**.example.com")) == [
        (
            "shop/api: an egress gateway leads **.example.com astray, whatever its entry is "
            "(istio-wildcard)\n  help: name the hosts, or use mode ambient or sidecar"
        )
    ]
    assert refused(AMBIENT, rule("**.example.com")) == [
        (
            "shop/api: a waypoint serves no wildcard such as **.example.com over TLS unless istiod is "
            "set to (istio-wildcard)\n  help: name the hosts, or use mode sidecar"
        )
    ]
    assert refused(SIDECAR, rule("**.example.com", "80")) == [
        (
            "shop/api: where a Host below **.example.com with another port leads a sidecar was never "
            "measured (istio-wildcard)\n  help: name the hosts, or use mode ambient"
        )
    ]
    assert refused(AMBIENT, rule("**.example.com", "8080", V1)) == [
        (
            "shop/api: a mesh leads requests for **.example.com to port 80, and not to 8080 "
            "(istio-wildcard-port)\n  help: write port 80, or name the hosts"
        )
    ]
    assert refused(SIDECAR, rule("db.example.com", "5432")) == [
        (
            "shop/api: on port 5432 no name of TLS comes first, and TCP to a name opens every address "
            "of the port (istio-tcp)\n  help: use mode ambient, or leave the rule to the CNI policy"
        )
    ]
    assert refused(GATEWAY, rule("api.example.com", "443", V1)) == [
        (
            "shop/api: port 443 with http is not led through an egress gateway, which has TLS on 443 "
            "alone (istio-gateway-port)\n  help: use mode ambient, or sidecar with the CNI policy "
            "beside it"
        )
    ]


def test_a_port_that_would_carry_two_kinds_is_refused() -> None:
    assert refused(SIDECAR, rule("a.example.com", "8080"), rule("a.example.com", "8080", V1)) == [
        (
            "shop/api: port 8080 of a.example.com would carry two kinds of connections in the mesh "
            "(istio-two-kinds)\n  help: let one rule alone have the port"
        )
    ]
    both = rule("a.example.com", "443", V1, Tls.ORIGINATE), rule("a.example.com", "8080", V1)
    assert refused(AMBIENT, *both) == [
        (
            "team-a: tls: originate for a.example.com stands beside another port in clear "
            "(istio-originate-port)\n  help: let the host have one of them"
        )
    ]


def test_pods_ranges_and_audit_that_a_mesh_cannot_have_are_refused() -> None:
    pods = PodClass(
        name="web", namespace="team-a", selectors=(PodSelector(labels=(("app", "web"),)),)
    )
    found = POINTS[SIDECAR].write(target_of(SIDECAR, Listener(pods=pods, rules=())))
    assert [each.id for each in found.refusals] == ["istio-pods"]

    audited = POINTS[GATEWAY].write(target(GATEWAY, rule("api.example.com"), audit=True))
    assert [str(each) for each in audited.refusals] == [
        (
            "team-a: an egress gateway stops what is not listed before any policy tries it "
            "(istio-audit)\n  help: take the namespace out of audit, or use mode ambient"
        )
    ]


def test_every_output_of_sidecar_mode_states_what_holds_the_pods() -> None:
    for mode in MeshMode:
        caveats = POINTS[mode].write(target(mode, *WHOLE[mode])).caveats
        assert any("UID or GID 1337" in each for each in caveats) is (mode is SIDECAR)


REDUNDANT = "AuthorizationPolicy egress-team-b"
"""It allows nothing, beside a policy at the gateway that allows something."""


def spoilt(bodies: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Each object left out, and each changed in ways that an error or a stranger would."""
    for place, body in enumerate(bodies):
        what = f"{body['kind']} {body['metadata']['name']}"
        yield f"without {what}", bodies[:place] + bodies[place + 1 :]
        for name, change in CHANGES.items():
            other = deepcopy(bodies)
            if change(other[place]):
                yield f"{what}: {name}", other


def _widen_rule(body: Any) -> bool:  # noqa: ANN401 - an object as YAML gives it
    rules = body["spec"].get("rules")
    if body["kind"] != "AuthorizationPolicy" or not rules:
        return False
    rules[0].pop("when", None)
    rules[0].pop("to", None)
    rules[0].pop("from", None)
    return True


def _another_host(body: Any) -> bool:  # noqa: ANN401
    if body["kind"] != "ServiceEntry":
        return False
    body["spec"]["hosts"] = ["evil.example.net"]
    body["spec"]["resolution"] = "DNS"
    return True


def _any_address(body: Any) -> bool:  # noqa: ANN401
    if body["kind"] != "ServiceEntry":
        return False
    body["spec"]["resolution"] = "NONE"
    return True


def _every_namespace(body: Any) -> bool:  # noqa: ANN401
    if body["kind"] != "Sidecar":
        return False
    body["spec"]["egress"][0]["hosts"] = ["*/*"]
    return True


def _open_mode(body: Any) -> bool:  # noqa: ANN401
    if body["kind"] != "Sidecar":
        return False
    body["spec"]["outboundTrafficPolicy"]["mode"] = "ALLOW_ANY"
    return True


def _tried_out(body: Any) -> bool:  # noqa: ANN401
    if body["kind"] != "AuthorizationPolicy":
        return False
    body["metadata"]["annotations"] = {"istio.io/dry-run": "true"}
    return True


CHANGES: Mapping[str, Callable[[Any], bool]] = {
    "a rule for all": _widen_rule,
    "another host": _another_host,
    "any address": _any_address,
    "what is not listed passes": _open_mode,
    "tried out alone": _tried_out,
    "every namespace": _every_namespace,
}


@pytest.mark.parametrize("mode", MeshMode)
def test_what_is_left_out_or_changed_is_found(mode: MeshMode) -> None:
    wanted = target(mode, *WHOLE[mode])
    bodies = objects(POINTS[mode].write(wanted).files)
    passed = []
    for name, other in spoilt(bodies):
        if mode is GATEWAY and REDUNDANT in name:
            continue
        reading = read_mesh(text(other), wanted.release)
        if not reading.unmodelled and not list(differences(reading, wanted)):
            passed.append(name)

    assert passed == []


@pytest.mark.skipif(RECOMMENDED is None, reason=needs.VERDICTS)
def test_the_sets_that_were_shown_to_be_exact_mean_the_same_here() -> None:
    assert RECOMMENDED is not None
    api = rule("api.example.com")
    found = {
        "r-gateway.yaml": (GATEWAY, "team-a", (api,)),
        "h-orig-vs.yaml": (
            SIDECAR,
            "team-a",
            (
                rule(
                    "api.example.com",
                    "443",
                    Http(methods=("GET",), paths=(PathPattern.parse("/v1/**"),)),
                    Tls.ORIGINATE,
                ),
            ),
        ),
    }
    for name, (mode, namespace, rules) in found.items():
        files = {name: (RECOMMENDED / name).read_text("utf-8")}
        if "Sidecar" not in files[name]:
            guard = POINTS[mode].write(target_of(mode, listener_of(namespace))).files
            files |= guard
        reading = read_mesh(files, POINTS[mode].releases.newest)
        assert reading.unmodelled == ()
        wanted = target_of(mode, listener_of(namespace, *rules))
        meant = listener_requests(wanted.listeners[0], wanted.clear_ports)
        assert reading.requests(namespace) == meant, name
