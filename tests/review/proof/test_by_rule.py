"""Rule by rule, a proof comes to what it comes to as a whole, and never takes more for proved."""

from __future__ import annotations

from collections import Counter

import pytest

from support.draw.lowering_strategies import expressible_targets
from support.draw.rounds import in_rounds
from support.engines.example_targets import example_targets
from support.engines.proofs import Told, objects_of, problems_of, texts_of, told
from transire.engines.registry import ENGINES, engine_of, read_objects
from transire.flows.host_set import HostSet, NamePatterns, Wild
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.flows.products import Product, joined, union
from transire.flows.source_pods import Sources
from transire.flows.text_set import TextSet
from transire.meaning.meaning import api_server_ports, meaning, meant_products
from transire.meaning.target import Approximated, Target
from transire.model.intent import Approximation, Mode
from transire.model.problems import Rejected, Unjudgeable
from transire.review.proof.by_rule import Allowed, within_consent

A, B = PodSet.label("app", TextSet.of(["a"])), PodSet.label("app", TextSet.of(["b"]))
HTTPS, SSH = PortSet.of_port(Protocol.TCP, 443), PortSet.of_port(Protocol.TCP, 22)
ONE, DEEP = NamePatterns.of([["a.example.com"]]), NamePatterns.of([[Wild.LABELS, ".example.com"]])
ANY_NAME = HostSet.everything() | HostSet.root()
OUTSIDE = Peer.outside()


def to_one(**parts: object) -> Product:
    return Product.reach(
        **{"source": A, "peer": OUTSIDE, "ports": HTTPS, "hosts": ONE, **parts}  # type: ignore[arg-type]
    )


def test_products_that_differ_in_one_part_are_joined_along_it() -> None:
    rules = [to_one(), to_one(ports=SSH), to_one(hosts=DEEP), to_one(hosts=DEEP, ports=SSH)]

    both = joined(
        [*rules, *(to_one(source=B, hosts=each.hosts, ports=each.ports) for each in rules)]
    )

    assert both == joined(
        [to_one(source=A | B, ports=HTTPS | SSH, hosts=NamePatterns.union([ONE, DEEP]))]
    )
    assert both is not None
    assert len(both) == 2  # connections and queries


def test_reaching_is_connecting_and_asking_for_any_name() -> None:
    apart = [
        Product.connect(source=A, peer=OUTSIDE, ports=HTTPS, hosts=ONE),
        Product.query(source=A, resolver=OUTSIDE, ports=HTTPS, hosts=ONE, names=ANY_NAME),
    ]

    assert joined(apart) == joined([to_one()])
    assert union(apart) == to_one().flows()


@pytest.mark.parametrize(
    "other",
    [
        to_one(ports=SSH),
        to_one(source=B),
        to_one(hosts=DEEP),
        to_one(hosts=None),
        to_one(peer=Peer.everything()),
        Product.connect(source=A, peer=OUTSIDE, ports=HTTPS, hosts=ONE),
        Product.connect(source=A, peer=OUTSIDE, ports=HTTPS, hosts=ONE, server_names=ONE),
    ],
)
def test_products_with_another_part_are_others(other: Product) -> None:
    assert joined([other]) != joined([to_one()])
    assert other.flows() != to_one().flows()


@pytest.mark.parametrize(
    "empty",
    [
        to_one(ports=PortSet.nothing()),
        to_one(source=PodSet.nothing()),
        to_one(hosts=NamePatterns()),
        to_one(peer=Peer.nothing()),
    ],
)
def test_a_product_with_an_empty_part_is_none(empty: Product) -> None:
    assert empty.is_empty
    assert not empty.flows()
    assert joined([empty]) == frozenset()


@pytest.mark.parametrize(
    ("how", "became", "holds"),
    [
        (Approximation.WIDEN, "**.example.com", True),
        (Approximation.WIDEN, "a.example.com", False),
        (Approximation.NARROW, "a.example.com", True),
        (Approximation.NARROW, "**.example.com", False),
    ],
)
def test_consent_to_one_direction_is_held_to_it(
    how: Approximation, became: str, *, holds: bool
) -> None:
    one = Approximated(rule="r", how=how, written="*.example.com", became=(became,), example="x")

    assert within_consent([one]) is holds


def both_ways(each: Told, texts: dict[str, str]) -> tuple[object, object]:
    """What the proof finds, rule by rule where it can be, and as a whole."""
    with pytest.MonkeyPatch.context() as patched:
        quick = problems_or_error(each, texts)
        patched.setattr(Allowed, "is_surely", lambda *_: False)
        return quick, problems_or_error(each, texts)


def problems_or_error(each: Told, texts: dict[str, str]) -> object:
    try:
        return problems_of(each, texts)
    except Unjudgeable as error:
        return str(error)


@pytest.mark.parametrize("engine", ENGINES)
def test_targets_of_every_engine_are_proved_without_a_set_of_their_flows(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    enforced = [each for each in example_targets()[engine] if each.mode is Mode.ENFORCE]
    plain = [told(each) for each in enforced if not each.cluster.dns.restrict]

    def worked_out(_: Allowed) -> None:
        raise AssertionError("a set of flows was worked out")

    texts = [texts_of(each) for each in plain]
    monkeypatch.setattr(Allowed, "flows", property(worked_out))

    assert plain
    assert [problems_of(*each) for each in zip(plain, texts, strict=True)] == [()] * len(plain)


@pytest.mark.slow("many drawn examples")
@pytest.mark.parametrize("engine", ENGINES)
def test_products_are_the_sets_that_they_stand_for(engine: str) -> None:
    seen: Counter[str] = Counter()

    def run(target: Target) -> None:
        try:
            each = told(target)
        except Rejected:
            return
        seen["judged"] += target.mode is Mode.ENFORCE
        traits = engine_of(target.cluster.release).traits(target.cluster)
        meant = meant_products(target, traits)
        if meant is not None:
            assert union(meant) == meaning(target, traits).allowed
            seen["meant"] += 1
        objects, ports = objects_of(texts_of(each)), api_server_ports(target)
        reading, pods = read_objects(objects, target.cluster), Sources(namespace=target.namespace)
        products = reading.products(pods, ports)
        few = None if products is None else joined(products)
        if products is not None and few is not None:
            assert union(products) == union(few) == reading.flows(pods, ports)
            seen["read"] += 1

    in_rounds(expressible_targets(engine), run, seen=seen, wanted={"meant", "read"})

    assert min(seen["meant"], seen["read"]) > 0.3 * seen["judged"], seen


@pytest.mark.slow("many drawn examples")
@pytest.mark.parametrize("engine", ENGINES)
def test_objects_of_other_values_are_found_as_before(engine: str) -> None:
    seen: Counter[str] = Counter()
    earlier: list[Told] = []

    def run(target: Target) -> None:
        try:
            each = told(target)
        except Rejected:
            return
        mine = texts_of(each)
        for other in earlier[-2:]:
            kept = {
                **mine,
                "egress-policy": texts_of(other)["egress-policy"].replace(
                    f'namespace: "{other.target.namespace}"', f'namespace: "{target.namespace}"'
                ),
            }
            quick, whole = both_ways(each, kept)
            assert quick == whole
            seen["found" if whole else "proved"] += 1
        earlier.append(each)

    in_rounds(expressible_targets(engine), run, seen=seen, wanted={"found"}, examples=15)
