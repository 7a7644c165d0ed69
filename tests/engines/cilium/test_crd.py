"""The schema tables against the custom resource definitions themselves, where these are at hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import needs
from support.measured.steps import assert_linear
from support.shared_data import shared
from transire.engines.cilium.objects.schema import policy_shape
from transire.k8s.schema_check import (
    Fields,
    Flag,
    Many,
    Shape,
    Table,
    Text,
    Whole,
    WholeOrText,
    check,
)

RELEASES = {
    14: "v1.14-branchpoint",
    15: "v1.15-branchpoint",
    16: "v1.16-branchpoint",
    17: "v1.17-branchpoint",
    18: "v1.18-branchpoint",
    19: "v1.19-dev",
    20: "v1.20.2",
}
KINDS = ("ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies")
SAMPLES = (
    "", "a", "-", "*", "**", "a-b", "a_b", "a.b", "a..b", ".a", "a.", "*.a", "**.a", "a b", "a@b",
    "A", "0", "8", "08", "443", "99999", "65536", "443!!", "http", "http-", "-http", "!http",
    "a--b", "1_a", "a_1", "4_43", "0x1bb", "256", "255", "300", "Echo", "EchoReply", "Ping",
    "ExtendedEcho Reply", "ExtendedEchoReply", "é", "a\n", "\n", "web!", "10.0.0.0/8",
    "10.0.0.0/33", "10.0.0.0", "::/0", "2001:db8::/32", "a-", "x.y-", "not valid!",
)  # fmt: skip
CIDRS = ("10.0.0.0/8", "10.0.0.0/33", "10.0.0.0", "010.0.0.0/8", "10.0.0/8", "x", "", "10.0.0.1/24")


def definition(folder: str, kind: str) -> Mapping[str, Any]:
    found = shared(f"crds/cilium/{folder}/{kind}.yaml")
    if found is None:
        pytest.skip(needs.DEFINITIONS)
    versions = yaml.safe_load(Path(found).read_text(encoding="utf-8"))["spec"]["versions"]
    served = next(each for each in versions if each["name"] == "v2")
    schema: Mapping[str, Any] = served["schema"]["openAPIV3Schema"]
    return schema


def differences(shape: Shape, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    match shape:
        case Fields():
            yield from field_differences(shape, schema, at)
        case Table():
            yield from differences(shape.value, schema["additionalProperties"], f"{at}/*")
        case Many():
            yield from list_differences(shape, schema, at)
        case Text():
            yield from text_differences(shape, schema, at)
        case Whole() | WholeOrText() | Flag():
            yield from scalar_differences(shape, schema, at)


def list_differences(shape: Many, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    limits = schema.get("minItems", 0), schema.get("maxItems")
    if (shape.least, shape.most) != limits:
        yield f"{at} takes {limits} items"
    if shape.distinct != (schema.get("x-kubernetes-list-type") == "set"):
        yield f"{at} is or is not a set"
    yield from differences(shape.item, schema["items"], f"{at}/-")


def scalar_differences(
    shape: Whole | WholeOrText | Flag, schema: Mapping[str, Any], at: str
) -> Iterator[str]:
    if isinstance(shape, WholeOrText):
        if not schema.get("x-kubernetes-int-or-string"):
            yield f"{at} is not a number or a string"
        yield from form_differences(shape.form, schema["pattern"], at)
        return
    if schema["type"] != ("integer" if isinstance(shape, Whole) else "boolean"):
        yield f"{at} is {schema['type']}"
    limits = schema.get("minimum"), schema.get("maximum")
    if isinstance(shape, Whole) and (shape.lowest, shape.highest) != limits:
        yield f"{at} is between {limits}"


def field_differences(shape: Fields, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    known = schema.get("properties", {})
    if shape.fields.keys() != known.keys():
        yield f"{at} differs in {shape.fields.keys() ^ known.keys()}"
    if shape.needs != frozenset(schema.get("required", ())):
        yield f"{at} needs {schema.get('required')}"
    for word, given in (("oneOf", shape.one_of), ("anyOf", shape.any_of)):
        wanted = {tuple(each["required"]) for each in schema.get(word, ())}
        if wanted != {(each,) for each in given}:
            yield f"{at} has {word} {wanted}"
    for key in shape.fields.keys() & known.keys():
        default = known[key].get("default")
        if default != shape.defaults.get(key):
            yield f"{at}/{key} is {default} by default"
        yield from differences(shape.fields[key], known[key], f"{at}/{key}")


def text_differences(shape: Text, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if schema["type"] != "string":
        yield f"{at} is {schema['type']}"
    if set(shape.choices) != set(schema.get("enum", ())):
        yield f"{at} is one of {schema.get('enum')}"
    if shape.longest != schema.get("maxLength") or shape.shortest != schema.get("minLength", 0):
        yield f"{at} has another length"
    pattern, format_ = schema.get("pattern"), schema.get("format")
    if (shape.form is None) != (pattern is None and format_ in {None, "idn-hostname"}):
        yield f"{at} has the pattern {pattern} and the format {format_}"
    if shape.form is not None and pattern is not None and "PC" not in pattern:
        yield from form_differences(shape.form, pattern, at)


def form_differences(form: Callable[[str], bool], pattern: str, at: str) -> Iterator[str]:
    upstream = re.compile(re.sub(r"\$(?=$|\|)", r"\\Z", pattern))
    samples = CIDRS if "25[0-5]|2[0-4]" in pattern and "{3}" in pattern else SAMPLES
    for sample in samples:
        if form(sample) != (upstream.search(sample) is not None):
            yield f"{at} takes {sample!r} otherwise"


@pytest.mark.slow("upstream definitions read whole")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("minor", RELEASES)
def test_the_tables_say_what_the_definitions_say(minor: int, kind: str) -> None:
    schema = definition(RELEASES[minor], kind)
    policy = {key: schema["properties"][key] for key in ("spec", "specs")}
    whole = {"properties": policy, "anyOf": list(needed(schema))}

    assert list(differences(policy_shape(minor), whole, "")) == []


def needed(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What the expressions about the whole object demand, as a schema writes it otherwise."""
    for each in schema.get("x-kubernetes-validations", ()):
        assert each["rule"] == "has(self.spec) || has(self.specs)"
        yield from ({"required": ["spec"]}, {"required": ["specs"]})


def faults(spec: Mapping[str, Any], minor: int = 19) -> tuple[str, ...]:
    whole = {"endpointSelector": {}, **spec}
    return check({"spec": whole}, policy_shape(minor)).faults


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"egress": "all"}, "/spec/egress is the string 'all' where a list belongs"),
        ({"egress": None}, "/spec has none of ingress, ingressDeny, egress, egressDeny"),
        ({"egress": [None]}, "/spec/egress/0 is null where an object belongs"),
        ({"egress": [{"toFQDNs": [None]}]}, "/spec/egress/0/toFQDNs/0 is null where an object belongs"),
        ({"egress": [{"toEntities": ["all", None]}]},
         "/spec/egress/0/toEntities/1 is null where a string belongs"),
        ({"egress": [[]]}, "/spec/egress/0 is a list where an object belongs"),
        ({"egress": [{"toEntities": ["World"]}]},
         ("/spec/egress/0/toEntities/0 'World' is none of all, world, cluster, host, init, "
          "ingress, unmanaged, remote-node, health, none, kube-apiserver")),
        ({"egress": [{"toCIDR": ["198.51.100.7"]}]},
         "/spec/egress/0/toCIDR/0 '198.51.100.7' is not an address range such as 198.51.100.0/24"),
        ({"egress": [{"toFQDNs": [{}]}]},
         "/spec/egress/0/toFQDNs/0 has none of matchName, matchPattern, exactly one belongs"),
        ({"egress": [{"toFQDNs": [{"matchName": "a", "matchPattern": "b"}]}]},
         "/spec/egress/0/toFQDNs/0 has matchName and matchPattern, exactly one belongs"),
        ({"egress": [{"toFQDNs": [{"matchName": "a@b"}]}]},
         "/spec/egress/0/toFQDNs/0/matchName 'a@b' is not a host name"),
        ({"egress": [{"toFQDNs": [{"matchName": "a" * 256}]}]},
         "/spec/egress/0/toFQDNs/0/matchName has 256 characters, at most 255 are taken"),
        ({"egress": [{"toPorts": [{"ports": [{"port": 443}]}]}]},
         "/spec/egress/0/toPorts/0/ports/0/port is the number 443 where a string belongs"),
        ({"egress": [{"toPorts": [{"ports": [{"port": "*"}]}]}]},
         "/spec/egress/0/toPorts/0/ports/0/port '*' is not a port number or name"),
        ({"egress": [{"toPorts": [{"ports": [{"port": "1", "endPort": 65536}]}]}]},
         "/spec/egress/0/toPorts/0/ports/0/endPort 65536 is more than 65535"),
        ({"egress": [{"toPorts": [{"ports": [{"port": "1", "endPort": True}]}]}]},
         "/spec/egress/0/toPorts/0/ports/0/endPort is true where a whole number belongs"),
        ({"egress": [{"toPorts": [{"ports": [{"port": str(each)} for each in range(41)]}]}]},
         "/spec/egress/0/toPorts/0/ports has 41 items, at most 40 are taken"),
        ({"egress": [{"toPorts": [{"serverNames": []}]}]},
         "/spec/egress/0/toPorts/0/serverNames has 0 items, at least 1 belong there"),
        ({"egress": [{"toPorts": [{"serverNames": ["a", "a"]}]}]},
         "/spec/egress/0/toPorts/0/serverNames holds 'a' twice"),
        ({"egress": [{"icmps": [{"fields": [{"type": "Ping"}]}]}]},
         "/spec/egress/0/icmps/0/fields/0/type 'Ping' is not an ICMP type"),
        ({"egress": [{"authentication": {}}]}, "/spec/egress/0/authentication has no mode"),
        ({"enableDefaultDeny": {"egress": "no"}, "egress": []},
         "/spec/enableDefaultDeny/egress is the string 'no' where true or false belongs"),
        ({"egress": [{"toPorts": [{"listener": {"envoyConfig": {"name": ""}, "name": "l"}}]}]},
         "/spec/egress/0/toPorts/0/listener/envoyConfig/name is empty"),
        ({"egress": [{"toPorts": [{"listener": {
            "envoyConfig": {"name": "c"}, "name": "l", "priority": 0}}]}]},
         "/spec/egress/0/toPorts/0/listener/priority 0 is less than 1"),
        ({}, "/spec has none of ingress, ingressDeny, egress, egressDeny"),
    ],
)  # fmt: skip
def test_each_refusal_says_what_is_wrong(spec: Mapping[str, Any], said: str) -> None:
    assert faults(spec) == (said,)


def test_unknown_fields_are_dropped_by_release() -> None:
    body = {
        "spec": {
            "endpointSelector": {"matchLabels": {"a/b": "c"}, "x": 1},
            "enableDefaultDeny": {"egress": False},
            "egress": [{"toFQDN": [], "toPorts": [{"ports": [{"port": "1", "endPort": 2}]}]}],
        }
    }

    assert [check(body, policy_shape(minor)).pruned for minor in (15, 16)] == [
        (
            "/spec/endpointSelector/x",
            "/spec/enableDefaultDeny",
            "/spec/egress/0/toFQDN",
            "/spec/egress/0/toPorts/0/ports/0/endPort",
        ),
        ("/spec/endpointSelector/x", "/spec/egress/0/toFQDN"),
    ]


@pytest.mark.parametrize("minor", RELEASES)
def test_nulls_in_fields_and_under_keys_are_dropped(minor: int) -> None:
    body = {
        "spec": {
            "endpointSelector": {"matchLabels": {"app": None, "tier": "a"}},
            "description": None,
            "ingress": None,
            "egress": [{"toFQDNs": None, "icmps": [{"fields": [{"family": None, "type": 8}]}]}],
        },
        "specs": None,
    }
    checked = check(body, policy_shape(minor))

    assert checked.faults == checked.pruned == ()
    assert checked.nulls == (
        "/spec/endpointSelector/matchLabels/app",
        "/spec/description",
        "/spec/ingress",
        "/spec/egress/0/toFQDNs",
        "/specs",
    )
    assert checked.value == {
        "spec": {
            "endpointSelector": {"matchLabels": {"tier": "a"}},
            "egress": [{"icmps": [{"fields": [{"family": "IPv4", "type": 8}]}]}],
        }
    }


def test_an_object_needs_a_spec_since_1_20() -> None:
    assert [check({"spec": None}, policy_shape(minor)).faults for minor in (19, 20)] == [
        (),
        ("the object has none of spec, specs",),
    ]


def test_a_missing_icmp_family_is_ipv4_and_a_whole_float_is_a_number() -> None:
    body = {"spec": {"endpointSelector": {}, "egress": [{"icmps": [{"fields": [{"type": 8.0}]}]}]}}
    checked = check(body, policy_shape(19))

    assert checked.value["spec"]["egress"][0]["icmps"][0]["fields"] == [
        {"family": "IPv4", "type": 8}
    ]


def test_hostile_text_is_read_in_steps_in_proportion_to_it() -> None:
    def read(size: int) -> None:
        names = [{"matchPattern": "a" * 254 + "!"}] * size
        ports = [{"ports": [{"port": "a-" * size + "!"}]}] * size

        assert len(faults({"egress": [{"toFQDNs": names, "toPorts": ports}]})) == 2 * size

    assert_linear(read, 100)
