"""What is written for a point is read back and compared; nothing that differs is passed over."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from support.points.toy_point import FILE, POINT, TOY, read
from transire.model.http import Http
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget
from transire.points.api.written import PointRefusal, Written
from transire.points.meaning import listener_requests, requests_meant
from transire.points.proof import PointProof, differences, prove

API = PointRule(
    name="shop/api",
    hosts=(HostPattern.parse("api.example.com"),),
    ports=(PortRange.parse("443"),),
)
SHOP = Listener(pods=PodClass(name="shop", namespace="shop", port=20001), rules=(API,))
BLOG = Listener(pods=PodClass(name="blog", namespace="blog", port=20002), rules=())
TARGET = PointTarget(release=TOY, listeners=(BLOG, SHOP))


def found(text: str, target: PointTarget = TARGET) -> list[str]:
    """How a configuration differs from what is meant, in words."""
    return [str(each) for each in differences(read({FILE: text}, TOY), target)]


def changed(**listener: object) -> str:
    tree = json.loads(POINT.write(TARGET).files[FILE])
    tree["shop"] |= listener
    return json.dumps(tree)


def test_what_is_written_exactly_is_proved() -> None:
    proof = prove(POINT, TARGET)

    assert proof == PointProof(written=POINT.write(TARGET))
    assert proof.holds
    assert requests_meant(TARGET)["shop"] == listener_requests(SHOP)


def test_a_refused_rule_is_never_proved() -> None:
    rule = replace(API, http=Http(methods=("GET",)))
    proof = prove(POINT, replace(TARGET, listeners=(replace(SHOP, rules=(rule,)),)))

    assert not proof.holds
    assert [str(each) for each in proof.written.refusals] == [
        "shop/api: the toy has no methods (http-not-expressible)\n  help: leave http out"
    ]


def test_differences_come_with_an_example_of_each_side() -> None:
    assert found(changed(allow=[["evil.example.com", 443]])) == [
        (
            "shop lets CONNECT evil.example.com:443 through, which is not meant and stops CONNECT "
            "api.example.com:443, which is meant"
        )
    ]
    assert found(changed(allow=[])) == ["shop stops CONNECT api.example.com:443, which is meant"]
    assert found(changed(allow=[["api.example.com", 443], ["api.example.com", 22]])) == [
        "shop lets CONNECT api.example.com:22 through, which is not meant"
    ]


def test_listeners_that_are_missing_strange_or_elsewhere_are_differences() -> None:
    tree = json.loads(POINT.write(TARGET).files[FILE])
    del tree["blog"]
    tree["other"] = {"port": 1, "allow": []}

    assert found(json.dumps(tree)) == [
        "blog: there is no such listener",
        "other: no class of pods has such a listener",
    ]
    assert found(changed(port=20002)) == [
        "shop: it listens on 20002, and not on 20001",
    ]


def test_ranges_that_are_not_denied_are_a_difference() -> None:
    target = replace(
        TARGET, denied=(IPv4Network("10.0.0.0/8"),), server_names=True, listeners=(SHOP,)
    )

    assert found(json.dumps({"shop": json.loads(changed())["shop"]}), target) == [
        "shop: it denies no address, and not 10.0.0.0/8",
        "shop: it compares no TLS names, and has to",
    ]


def test_what_is_not_modelled_is_never_proved() -> None:
    text = changed(lua="print()")

    assert found(text) == [
        "shop: it cannot be judged: toy.json: /shop/lua: lua is not modelled",
    ]
    edited = replace(POINT, write=lambda _: Written(files={FILE: text}))
    assert not prove(edited, TARGET).holds


def test_a_point_has_files_or_refusals() -> None:
    refusal = PointRefusal(rule="a", id="b", why="c", remedy="d")

    with pytest.raises(ValueError, match="either files or refusals"):
        Written()
    with pytest.raises(ValueError, match="either files or refusals"):
        Written(files={"a": ""}, refusals=(refusal,))


def test_listeners_of_a_target_have_names_and_ports_of_their_own() -> None:
    with pytest.raises(ValueError, match="one name or one port"):
        PointTarget(release=TOY, listeners=(SHOP, SHOP))
    elsewhere = replace(BLOG, pods=replace(BLOG.pods, port=20001))
    with pytest.raises(ValueError, match="one name or one port"):
        PointTarget(release=TOY, listeners=(SHOP, elsewhere))
    assert TARGET.listener("shop") == SHOP
    with pytest.raises(KeyError):
        TARGET.listener("other")
