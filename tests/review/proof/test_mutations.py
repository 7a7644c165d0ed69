"""Mistakes that people and programs make, each put into what Helm is given or has rendered.

Every one of them is caught by the proof, refused by the chart or Helm, or takes access away.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from support.engines.example_targets import example_targets
from support.engines.proofs import Told, flows_of_objects, objects_of, rendered, told
from support.mutants.examples import told_and_rendered
from support.mutants.verdicts import Verdict, verdict_of
from support.paths import CHARTS
from transire.engines.registry import ENGINES
from transire.model.intent import Mode
from transire.model.problems import HelmFailed
from transire.yamlio import write

pytestmark = pytest.mark.slow("every mutant")

Tree = dict[str, Any]
Change = Callable[[Tree], object]

ENFORCED = [
    pytest.param(each, id=f"{each.cluster.release}-{number}")
    for engine in ENGINES
    for number, each in enumerate(example_targets()[engine])
    if each.mode is Mode.ENFORCE
]


def stream(objects: list[Tree]) -> str:
    return "".join(f"---\n{write(each)}" for each in objects)


def bodies_of(each: Told) -> dict[str, list[Tree]]:
    """What each chart renders, to be changed."""
    return {
        chart: [
            copy.deepcopy(dict(found.body))
            for found in objects_of({chart: rendered(values, CHARTS / chart)})
        ]
        for chart, values in each.values.items()
    }


def texts_of_bodies(bodies: Mapping[str, list[Tree]]) -> dict[str, str]:
    return {chart: stream(objects) for chart, objects in bodies.items()}


@pytest.mark.parametrize("target", ENFORCED)
def test_losing_any_object_but_the_tier_opens_nothing(target: Any) -> None:  # noqa: ANN401
    each = told(target)
    bodies = bodies_of(each)
    whole = flows_of_objects(target, objects_of(texts_of_bodies(bodies)))
    kinds: Counter[str] = Counter()
    for chart, objects in bodies.items():
        for number, lost in enumerate(objects):
            if lost["kind"] == "Tier":
                continue
            left = {**bodies, chart: objects[:number] + objects[number + 1 :]}
            got = flows_of_objects(target, objects_of(texts_of_bodies(left)))

            assert got <= whole, (lost["kind"], lost["metadata"]["name"], (got - whole).witness())
            kinds[lost["kind"]] += 1
    assert sum(kinds.values()) >= 3


@pytest.mark.parametrize("engine", ["calico", "calico-enterprise"])
def test_a_missing_tier_is_caught(engine: str) -> None:
    for each, texts in told_and_rendered(engine):
        bodies = [
            dict(found.body)
            for found in objects_of({"egress-tier": texts["egress-tier"]})
            if found.ref.kind != "Tier"
        ]
        without = {**texts, "egress-tier": stream(bodies)}

        assert verdict_of(each, texts, without) is Verdict.CAUGHT


def nodes(tree: Any) -> Iterator[Tree]:  # noqa: ANN401 - a tree of JSON
    """Every mapping of the tree."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from nodes(item)


def with_key(key: str) -> Callable[[Tree], list[Tree]]:
    return lambda tree: [each for each in nodes(tree) if key in each]


def set_in(key: str, value: Callable[[Any], Any]) -> Change:
    """Another value for the first such key."""

    def change(tree: Tree) -> object:
        found = with_key(key)(tree)
        if found:
            found[0][key] = value(found[0][key])
        return found

    return change


def rename(key: str, other: str) -> Change:
    def change(tree: Tree) -> object:
        found = with_key(key)(tree)
        if found:
            found[0][other] = found[0].pop(key)
        return found

    return change


def drop(key: str) -> Change:
    def change(tree: Tree) -> object:
        found = with_key(key)(tree)
        return found and found[0].pop(key)

    return change


def split_in_two(first: str) -> Change:
    """Destination and ports as two items, which mean either."""

    def change(tree: Tree) -> object:
        for spec in with_key("egress")(tree):
            for item in spec["egress"] if isinstance(spec["egress"], list) else ():
                if first in item and len(item) > 1:
                    rest = {key: item.pop(key) for key in list(item) if key != first}
                    spec["egress"].append(rest)
                    return True
        return None

    return change


def without_orchestrator(selector: str) -> str:
    kept = [part for part in selector.split(" && ") if "orchestrator" not in part]
    return " && ".join(kept) or "all()"


CALICO_BOTH = ("calico", "calico-enterprise")
CHANGES: list[tuple[str, tuple[str, ...], Change]] = [
    ("a port is dropped", ("cilium",), set_in("ports", lambda found: found[:-1])),
    ("a port is another", ("kubernetes",), set_in("port", lambda found: found + 1)),
    ("TCP for UDP", ("cilium",), set_in("protocol", lambda _: "SCTP")),
    ("TCP for UDP", CALICO_BOTH, set_in("protocol", lambda _: "SCTP")),
    ("TCP for UDP", ("kubernetes",), set_in("protocol", lambda _: "SCTP")),
    ("ports are forgotten", tuple(ENGINES), drop("ports")),
    ("ports are forgotten", ("cilium",), drop("toPorts")),
    ("a rule is split in two items", ("cilium",), split_in_two("toFQDNs")),
    ("a rule is split in two items", ("cilium",), split_in_two("toCIDRSet")),
    ("a rule is split in two items", ("kubernetes",), split_in_two("to")),
    ("names are none", ("cilium",), set_in("toFQDNs", lambda _: [])),
    ("toFQDN for toFQDNs", ("cilium",), rename("toFQDNs", "toFQDN")),
    ("a * too many", ("cilium",), set_in("matchPattern", lambda found: f"*.{found}")),
    ("a name is a pattern", ("cilium",), set_in("matchName", lambda found: f"x{found}")),
    ("the selector is widened", ("cilium",), drop("matchLabels")),
    ("the selector is widened", ("kubernetes",), drop("matchLabels")),
    ("the selector is widened", CALICO_BOTH, set_in("selector", lambda _: "all()")),
    (
        "IPv6 is forgotten",
        ("cilium", "kubernetes"),
        set_in("cidr", lambda _: "2001:db8::/33"),
    ),
    ("IPv6 is forgotten", CALICO_BOTH, drop("nets")),
    (
        "what a range leaves out is forgotten",
        ("cilium", "kubernetes"),
        drop("except"),
    ),
    ("what a range leaves out is forgotten", CALICO_BOTH, drop("notNets")),
    ("Ingress for Egress", ("kubernetes",), set_in("policyTypes", lambda _: ["Ingress"])),
    (
        "Ingress besides",
        ("kubernetes",),
        set_in("policyTypes", lambda _: ["Ingress", "Egress"]),
    ),
    ("types are forgotten", ("kubernetes",), drop("policyTypes")),
    ("Ingress for Egress", CALICO_BOTH, set_in("types", lambda _: ["Ingress"])),
    ("ingress for egress", tuple(ENGINES), rename("egress", "ingress")),
    ("Deny for Allow", CALICO_BOTH, set_in("action", lambda _: "Deny")),
    ("Pass for Allow", CALICO_BOTH, set_in("action", lambda _: "Pass")),
    ("another tier", CALICO_BOTH, set_in("tier", lambda _: "default")),
    (
        "no default deny",
        ("cilium",),
        lambda tree: tree.get("spec", {}).update(enableDefaultDeny={"egress": False}) or True,
    ),
    (
        "the DNS rule leads elsewhere",
        ("cilium",),
        set_in("k8s:io.kubernetes.pod.namespace", lambda _: "default"),
    ),
    (
        "the DNS rule leads elsewhere",
        ("kubernetes",),
        set_in("kubernetes.io/metadata.name", lambda _: "default"),
    ),
    (
        "the guard of pods is dropped",
        CALICO_BOTH,
        lambda tree: [
            each.update(selector=without_orchestrator(each["selector"])) or True
            for each in nodes(tree)
            if "orchestrator" in str(each.get("selector"))
        ],
    ),
    ("namespaceSelector is dropped", CALICO_BOTH, drop("namespaceSelector")),
    (
        "a set has another label",
        ("calico-enterprise",),
        set_in("transire/set", lambda _: "other"),
    ),
    (
        "a set has another domain",
        ("calico-enterprise",),
        set_in("allowedEgressDomains", lambda found: [*found, "x.example.org"]),
    ),
    (
        "domains as NetworkPolicy never had",
        ("kubernetes",),
        lambda tree: [
            each.update(domains=["x"]) or each.pop("ipBlock")
            for each in nodes(tree)
            if "ipBlock" in each
        ],
    ),
    ("another namespace", tuple(ENGINES), lambda tree: tree["metadata"].pop("namespace", None)),
]

MEAN_THE_SAME = {
    ("calico", "Pass for Allow"),
}
"""Changes that only matter where somebody else has policies or sets: ours mean the same."""


def mutated(each: Told, change: Change) -> Iterator[tuple[str, dict[str, str]]]:
    """The manifests with the change in one object, for every object that it changes."""
    bodies = bodies_of(each)
    for chart, objects in bodies.items():
        for number, before in enumerate(objects):
            after = copy.deepcopy(before)
            if change(after) and after != before:
                changed = [*objects[:number], after, *objects[number + 1 :]]
                name = f"{before['kind']} {before['metadata']['name']}"
                yield name, texts_of_bodies({**bodies, chart: changed})


@pytest.mark.parametrize(
    ("engine", "name", "change"),
    [
        pytest.param(engine, name, change, id=f"{engine}: {name} ({number})")
        for number, (name, engines, change) in enumerate(CHANGES)
        for engine in engines
    ],
)
def test_a_changed_object_is_caught_or_means_the_same(
    engine: str, name: str, change: Change
) -> None:
    verdicts: Counter[Verdict] = Counter()
    for each, texts in told_and_rendered(engine)[:1]:
        for changed, after in mutated(each, change):
            verdict = verdict_of(each, texts, after)
            assert verdict is not Verdict.SURVIVED, changed
            verdicts[verdict] += 1

    if (engine, name) in MEAN_THE_SAME:
        assert verdicts.keys() == {Verdict.SAME_FLOWS}
    else:
        assert verdicts[Verdict.CAUGHT] > 0


def values_of(each: Told, change: Change) -> Iterator[Tree]:
    """The lowered values with the change made in one rule."""
    values = copy.deepcopy(dict(each.lowered.values))
    for number in range(len(values["rules"])):
        changed = copy.deepcopy(values)
        if change(changed["rules"][number]) and changed != values:
            yield changed


LOWERED: list[tuple[str, tuple[str, ...], Change]] = [
    ("no destination", tuple(ENGINES), set_in("to", lambda _: [])),
    ("half the destinations", tuple(ENGINES), set_in("to", lambda found: found[1:])),
    ("no ports", tuple(ENGINES), set_in("ports", lambda _: [])),
    ("every port", tuple(ENGINES), set_in("ports", lambda _: "all")),
    ("every pod", tuple(ENGINES), set_in("from", lambda _: {})),
    ("other pods", tuple(ENGINES), set_in("from", lambda found: {**found, "x": "y"})),
    ("another namespace", tuple(ENGINES), set_in("namespace", lambda _: "elsewhere")),
    ("no labels", tuple(ENGINES), set_in("labels", lambda _: {})),
    ("any name", ("cilium",), set_in("fqdns", lambda _: [{"matchPattern": "*"}])),
    ("no name", ("cilium",), set_in("fqdns", lambda _: [])),
    ("no server names", ("cilium",), drop("serverNames")),
    ("any question", ("cilium",), drop("dns")),
    ("another set", ("calico-enterprise",), set_in("set", lambda _: "allow-other")),
    ("another network set", ("calico",), set_in("labels", lambda _: {"a": "b"})),
    ("another service", CALICO_BOTH, set_in("service", lambda found: {**found, "name": "x"})),
]


@pytest.mark.parametrize(
    ("engine", "change"),
    [
        pytest.param(engine, change, id=f"{engine}: {name}")
        for name, engines, change in LOWERED
        for engine in engines
    ],
)
def test_a_changed_value_is_refused_caught_or_means_the_same(engine: str, change: Change) -> None:
    verdicts: Counter[Verdict] = Counter()
    refused = 0
    for each, texts in told_and_rendered(engine)[:2]:
        for values in values_of(each, change):
            try:
                text = rendered(values, CHARTS / "egress-policy")
            except HelmFailed:
                refused += 1
                continue
            verdict = verdict_of(each, texts, {**texts, "egress-policy": text})
            assert verdict is not Verdict.SURVIVED, values
            verdicts[verdict] += 1

    assert verdicts[Verdict.CAUGHT] + refused > 0


@pytest.mark.parametrize("engine", CALICO_BOTH)
def test_the_order_of_rules_that_all_allow_means_nothing(engine: str) -> None:
    [(each, texts), *_] = told_and_rendered(engine)
    values = copy.deepcopy(dict(each.lowered.values))
    for rule in values["rules"]:
        rule["order"] = 8999 - rule["order"]
    text = rendered(values, CHARTS / "egress-policy")

    assert verdict_of(each, texts, {**texts, "egress-policy": text}) is Verdict.SAME_FLOWS


def test_an_approximation_that_went_further_than_agreed_is_caught() -> None:
    [(each, texts), *_] = told_and_rendered("calico-enterprise")
    assert verdict_of(each, texts, {**texts, "egress-policy": ""}) is Verdict.CAUGHT
    lied = replace(each, lowered=replace(each.lowered, approximated=()))
    assert verdict_of(lied, texts, {**texts, "egress-baseline": ""}) is Verdict.CAUGHT
