"""How the rules are run and what comes of it, apart from any one rule."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest

from support.engines.case_files import release
from support.review.linting import example, linted, linted_example, manifests_of
from transire.engines.registry import ENGINES
from transire.k8s.admission import Pruned, Refused
from transire.k8s.manifests import Manifest, ObjectRef
from transire.k8s.unmodelled import Unmodelled
from transire.model.problems import Level
from transire.review.lint import policy_index
from transire.review.lint.context import LintContext
from transire.review.lint.finding import Facts
from transire.review.lint.formats import as_json, as_problems
from transire.review.lint.merging import NOT_JUDGED
from transire.review.lint.registry import LINT_RULES, engines_of, lint

CALICO = release("calico@3.32")

TYPO = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{to: [{podSelector: {}}], port: [{port: 443}]}]
"""


def calico(selector: str, index: int = 0) -> Manifest:
    body = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"p{index}", "namespace": "shop"},
        "spec": {
            "selector": selector,
            "types": ["Egress"],
            "egress": [{"action": "Allow", "protocol": "TCP", "destination": {"ports": [443]}}],
        },
    }
    return Manifest(source="p.yaml", index=index, body=body)


def not_judged(
    *manifests: Manifest, unmodelled: tuple[Unmodelled, ...] = ()
) -> list[tuple[str, str]]:
    found = lint(manifests, CALICO, Facts(unmodelled=unmodelled))
    return [(each.path, each.message) for each in found if each.rule == NOT_JUDGED]


def unlooked(*manifests: Manifest) -> dict[str, str]:
    """Why rules gave up, by their ids."""
    found = {}
    for path, message in not_judged(*manifests):
        rule, _, why = message.partition(" could not look at these objects together: ")
        found[rule.removeprefix("the rule ")] = why
        assert path == ""
    return found


def test_json_is_the_documented_shape() -> None:
    schema = files("transire.review.lint").joinpath("lint.schema.json").read_text()
    found = [each for rule in LINT_RULES.values() for each in linted_example(rule, "Bad")]

    answer = json.loads(as_json(found))

    jsonschema.Draft7Validator(json.loads(schema)).validate(answer)
    assert [each.message for each in found] == [each["message"] for each in answer["findings"]]


def test_json_of_one_finding_is_exactly_this() -> None:
    answer = json.loads(as_json(linted(TYPO, "kubernetes")))

    assert answer == {
        "schema": "transire.lint/2",
        "findings": [
            {
                "rule": "pruned-field",
                "level": "error",
                "file": "policy.yaml",
                "line": 0,
                "column": 0,
                "object": {"kind": "NetworkPolicy", "namespace": "shop", "name": "p"},
                "path": "/spec/egress/0/port",
                "message": "port is no field of NetworkPolicy there: strict clients such as kubectl "
                "refuse the object, others have it dropped; what is left of the rule allows any "
                "port to pods (any pod in shop)",
                "help": "write ports",
                "fix": [
                    {"op": "remove", "path": "/spec/egress/0/port"},
                    {"op": "add", "path": "/spec/egress/0/ports", "value": [{"port": 443}]},
                ],
            },
        ],
    }


def test_reports_of_files_name_the_object_in_the_message() -> None:
    (problem,) = as_problems(linted(TYPO, "kubernetes"))

    assert str(problem) == (
        "policy.yaml: error: NetworkPolicy shop/p /spec/egress/0/port: port is no field of "
        "NetworkPolicy there: strict clients such as kubectl refuse the object, others have it "
        "dropped; what is left of the rule allows any port to pods (any pod in shop) "
        "(pruned-field)\n"
        "  help: write ports"
    )


def test_nothing_has_no_traps() -> None:
    assert lint((), CALICO, Facts()) == ()
    assert json.loads(as_json(())) == {"schema": "transire.lint/2", "findings": []}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_has_rules_of_its_own_and_shared_ones(engine: str) -> None:
    mine = [each for each in LINT_RULES.values() if engine in engines_of(each)]

    assert len(mine) >= 20
    assert {Level.ERROR, Level.WARNING, Level.NOTE} == {each.LEVEL for each in mine}


def test_facts_about_objects_that_are_not_given_are_left_alone() -> None:
    ref = ObjectRef(kind="NetworkPolicy", namespace="shop", name="p")
    facts = Facts(
        refused=(Refused(manifest=7, object=ref, by="engine", why="/spec is odd"),),
        pruned=(Pruned(manifest=7, path="/spec/x"),),
    )

    assert [each.rule for each in lint((calico("all()"),), CALICO, facts)] == [
        each.rule for each in lint((calico("all()"),), CALICO, Facts())
    ]


def test_what_the_reading_does_not_model_and_no_rule_reads_is_not_judged() -> None:
    ref = ObjectRef(kind="NetworkSet", namespace="shop", name="s")
    entry = Unmodelled(object=ref, key="/spec/nets", why="it holds an IPv4 range in IPv6 spelling")

    assert not_judged(calico("all()"), unmodelled=(entry,)) == [
        ("/spec/nets", "the object was not judged: it holds an IPv4 range in IPv6 spelling")
    ]


def test_what_the_reading_does_not_model_and_rules_read_is_judged() -> None:
    policy = calico("all()")
    entry = Unmodelled(object=policy.ref, key="/metadata/name", why="the object is given twice")

    assert not_judged(policy, unmodelled=(entry,)) == []


@pytest.mark.parametrize(
    ("selector", "why"),
    [
        (
            "(" * 100 + "all()" + ")" * 100,
            "a selector cannot be followed: it has more than 60 nested parentheses",
        ),
        (
            " && ".join(f"app contains '{place}'" for place in range(7)),
            "a selector cannot be followed: it looks at parts of labels more than 6 times",
        ),
        (
            " || ".join(f"(a{place} == 'x' && b{place} == 'y')" for place in range(300)),
            "the rules test too many labels one after another",
        ),
    ],
)
def test_intricate_selectors_are_not_judged(selector: str, why: str) -> None:
    ((_, message),) = not_judged(calico(selector))

    assert message == f"the object was not judged: {why}"


def test_policies_whose_selectors_are_too_intricate_together_are_not_judged() -> None:
    contains = [f"app contains 'a{place}' && app contains 'b{place}'" for place in range(4)]

    assert unlooked(*(calico(each, index) for index, each in enumerate(contains))) == {
        "allowlist-undone": "policies for these pods look at parts of labels more than 6 times",
        "never-reached": "policies for these pods look at parts of labels more than 6 times",
        "no-dns": "policies for these pods look at parts of labels more than 6 times",
        "order-by-name": "policies for these pods look at parts of labels more than 6 times",
    }


def test_too_many_policies_for_the_same_pods_are_not_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(policy_index, "MOST_PAIRS", 8)

    assert unlooked(*(calico("all()", index) for index in range(3))) == {
        "allowlist-undone": "3 policies may select the same pods, too many to compare",
        "never-reached": "3 policies may select the same pods, too many to compare",
        "no-dns": "3 policies may select the same pods, too many to compare",
        "order-by-name": "3 policies may select the same pods, too many to compare",
    }


def test_policies_that_ask_one_label_for_different_values_are_not_compared() -> None:
    policies = [calico(f"app == 'a{place}'", place) for place in range(50)]
    review = LintContext.of(policies, CALICO, Facts())

    assert {len(review.around(each)) for each in review.policies} == {1}


def test_a_cluster_without_ipv6_needs_no_deny_of_it() -> None:
    (manifest,) = manifests_of(example(LINT_RULES["one-family-denied"], "Bad"))

    for families, rules in ((frozenset({4, 6}), ["one-family-denied"]), (frozenset({4}), [])):
        found = lint((manifest,), release("cilium@1.19"), Facts(families=families))
        assert [each.rule for each in found] == rules
