"""Objects with any node dropped, renamed or replaced never make lint fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.engines.case_files import release
from support.review.linting import example, facts_of, manifests_of
from transire.k8s.admission import Pruned
from transire.k8s.json_pointer import find, plain, steps
from transire.k8s.manifests import Manifest
from transire.model.problems import ToolError
from transire.review.lint.finding import Facts
from transire.review.lint.formats import as_json
from transire.review.lint.registry import LINT_RULES, lint

pytestmark = pytest.mark.slow("every mutant")

SEEDS = tuple(
    (rule.EXAMPLE, manifests_of(example(rule, heading)))
    for rule in LINT_RULES.values()
    for heading in ("Bad", "Good")
)
NAMES = st.sampled_from(
    [
        "egress", "egressDeny", "toPorts", "ports", "toFQDNs", "toCIDR", "toCIDRSet", "toEntities",
        "rules", "dns", "selector", "namespaceSelector", "matchLabels", "matchExpressions", "spec",
        "specs", "to", "ipBlock", "except", "destination", "nets", "types", "order", "tier",
        "metadata", "name", "namespace", "labels", "", "0", "a/b~c",
    ]
)  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 70_000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(
        [
            "*", "**.x", "*example.com", "0443", "4_43", "0x1_bb", "80-90", "0.0.0.0/0", "::/0",
            "169.254.0.0/16", "all()", "global()", "a == 'b'", "a\n== 'b'", "has(", "Deny", "Pass",
            "Egress", "world", "UDP", "10.96.0.10/32", "\ud800",
        ]
    ),
)  # fmt: skip
NODES = st.recursive(
    LEAVES,
    lambda inside: st.one_of(
        st.lists(inside, max_size=3), st.dictionaries(NAMES, inside, max_size=3)
    ),
    max_leaves=6,
)


def paths(tree: object, at: str = "") -> Iterator[str]:
    """The pointer of every node below the root."""
    pairs: Iterable[tuple[object, object]] = ()
    if isinstance(tree, dict):
        pairs = tree.items()
    elif isinstance(tree, list):
        pairs = enumerate(tree)
    for key, value in pairs:
        here = f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}"
        yield here
        yield from paths(value, here)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, tuple[Manifest, ...]]:
    """An example with a few nodes dropped, renamed or replaced, or with none."""
    on, seed = draw(st.sampled_from(SEEDS))
    bodies = [plain(each.body) for each in seed]
    for _ in range(draw(st.sampled_from([0, 1, 1, 2, 4]))):
        body = draw(st.sampled_from(bodies))
        known = list(paths(body))
        if known:
            mutate(draw, body, draw(st.sampled_from(known)))
    return on, tuple(
        Manifest(source="mutated.yaml", index=index, body=body) for index, body in enumerate(bodies)
    )


def mutate(draw: st.DrawFn, body: dict[str, Any], path: str) -> None:
    holder = find(body, path.rpartition("/")[0])
    key: Any = steps(path)[-1]
    key = int(key) if isinstance(holder, list) else key
    match draw(st.sampled_from(["drop", "rename", "replace", "twice"])):
        case "drop":
            del holder[key]
        case "rename" if isinstance(holder, dict):
            holder[draw(NAMES)] = holder.pop(key)
        case "twice" if isinstance(holder, list):
            holder.append(plain(holder[key]))
        case _:
            holder[key] = draw(NODES)


def test_lint_answers_whatever_an_object_holds() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=600)
    @given(mutated(), st.booleans())
    def answers(case: tuple[str, tuple[Manifest, ...]], with_facts: bool) -> None:
        on, manifests = case
        engine = release(on)
        facts = Facts()
        if with_facts:
            try:
                facts = facts_of(manifests, engine)
            except ToolError:
                seen["unread"] += 1
        found = lint(manifests, engine, facts)

        assert as_json(found).endswith("}\n")
        seen.update(each.rule for each in found)
        seen["fixed"] += any(each.fix for each in found)

    answers()

    assert len(seen) > len(LINT_RULES) / 2
    assert seen["fixed"] > 10


def deep(depth: int) -> object:
    tree: object = {}
    for _ in range(depth):
        tree = {"matchLabels": [tree]}
    return tree


@pytest.mark.parametrize("on", ["cilium@1.19", "calico@3.32", "kubernetes"])
@pytest.mark.parametrize("key", ["egress", "podSelector", "endpointSelector", "selector", "x"])
def test_lint_answers_however_deep_an_object_is(on: str, key: str) -> None:
    bodies = [
        {**plain(each.body), "spec": {**plain(each.body)["spec"], key: wrap(deep(3_000))}}
        for _, seed in SEEDS[:6]
        for each in seed
        for wrap in (lambda tree: tree, lambda tree: [tree], lambda tree: [{"toServices": [tree]}])
    ]
    manifests = [Manifest(source="x", index=index, body=each) for index, each in enumerate(bodies)]
    pruned = tuple(Pruned(manifest=each.index, path=f"/spec/{key}") for each in manifests)

    for facts in (Facts(), Facts(pruned=pruned)):
        assert lint(manifests, release(on), facts)
