"""What guardrails and engines propose ends their finding, and nothing means more afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, summarize_address_range
from pathlib import Path

import pytest

from support.values.applied import changed
from support.values.guardrail_pages import AS_OF, PAGES, examples, written
from support.values.rules_of_teams import files_of
from transire.engines.registry import engine_of
from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet
from transire.meaning.meaning import meaning
from transire.meaning.target import all_targets
from transire.model.ends import instant
from transire.model.problems import Problem, Rejected
from transire.pipeline.compile import compile_loaded
from transire.values.guardrails.registry import Page, review
from transire.values.load import load_files
from transire.values.value_files import find

NOW = instant(AS_OF)
PROPOSING = {"duplicate-in-rule", "ip-is-not-a-host"}
"""Guardrails whose help proposes a value; that of the others names what people decide."""
SNIPPET = re.compile(r"\{[^{}A-Z]*: (?!\.\.\.)[^{}A-Z]*\}")
"""YAML with values in it, not with placeholders such as NAME."""
Files = Mapping[str, bytes]


def problems_of(files: Files) -> tuple[Problem, ...]:
    """What values have wrong, or else what guardrails and engines find."""
    try:
        organisation = load_files(files)
    except Rejected as rejected:
        return rejected.problems
    found = review(organisation, NOW)
    try:
        compile_loaded(organisation, NOW, whole=True)
    except Rejected as rejected:
        return (*found, *rejected.problems)
    return found


def meant(files: Files) -> dict[str, FlowSet]:
    """What every target means."""
    targets = all_targets(load_files(files))
    return {
        each.name: meaning(each, engine_of(each.cluster.release).traits(each.cluster)).allowed
        for each in targets
    }


def followed(files: Files, problem: Problem) -> Files:
    assert problem.proposal is not None
    path = problem.proposal.at.path
    return {**files, path: changed(files[path].decode(), problem.proposal).encode()}


def key(problem: Problem) -> tuple[str, str]:
    return problem.id, problem.message


@pytest.mark.parametrize("guardrail", PAGES.values(), ids=PAGES)
def test_what_a_guardrail_proposes_ends_its_finding_and_opens_nothing(
    guardrail: Page, tmp_path: Path
) -> None:
    written(tmp_path, examples(guardrail, "Bad"))
    files = find(tmp_path).files
    found = problems_of(files)
    assert (guardrail.ID in {each.id for each in found if each.proposal}) == (
        guardrail.ID in PROPOSING
    )
    for problem in (each for each in found if each.proposal):
        after = followed(files, problem)

        assert key(problem) not in set(map(key, problems_of(after)))
        if problem.id == "ip-is-not-a-host":
            assert only_addresses_of(problem.message, files, after)
            continue
        before = meant(files)
        assert all(flows <= before[name] for name, flows in meant(after).items())


CASES = sorted((Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("case", CASES, ids=[each.name for each in CASES])
def test_every_value_that_help_writes_out_is_a_proposal(case: Path) -> None:
    base = {} if case.name == "base" else find(case.parent / "base").files
    given = find(case)
    with pytest.raises(Rejected) as caught:
        load_files({**base, **given.files}, given.problems)

    advice = [each for each in caught.value.problems if SNIPPET.search(each.help)]
    assert [each.help for each in advice if each.proposal is None] == []


def only_addresses_of(message: str, files: Files, after: Files) -> bool:
    """Whether what is open now and was not is to the addresses that were written alone."""
    numbers = [int(each) for each in re.findall("[0-9]+", message)]
    lowest = ".".join(map(str, numbers[:4]))
    highest = ".".join(map(str, [*numbers[:3], numbers[-1]]))
    ends = IPv4Address(lowest), IPv4Address(highest)
    own = AddressSet.nets(summarize_address_range(*ends))
    before = meant(files)
    return all(
        (flows - before[name]).connections() <= FlowSet.everything().restrict(addresses=own)
        for name, flows in meant(after).items()
    )


CILIUM = 'engine: cilium, version: "1.18", environment: prod'
OLD = {"old": CILIUM}
MESH = {"east": f"{CILIUM}, mesh: {{name: one, clusters: [two]}}"}
PLAIN = {"plain": "engine: kubernetes, environment: prod"}
QUIET = {"quiet": f'{CILIUM}, agent: {{enable-icmp-rules: "false"}}'}
STRICT = {"strict": f"{CILIUM}, hardening: [sni]"}

REFUSED = {
    "narrow": (OLD, '{name: x, reason: r, ticket: S-1, to: ["**.example.com"]}'),
    "narrow beside widen": (
        OLD,
        '{name: x, reason: r, ticket: S-1, to: ["**.example.com"], approximate: widen}',
    ),
    "server names": (
        STRICT,
        "{name: x, reason: r, ticket: S-1, to: [a.example.com], serverNames: false}",
    ),
    "own cluster": (MESH, "{name: x, reason: r, to: [{cluster: one, namespace: a}]}"),
    "icmp": (PLAIN, "{name: x, reason: r, to: [{namespace: a}], ports: [443, ICMP]}"),
    "icmp of a destination": (
        PLAIN,
        "{name: x, reason: r, to: [{namespace: a, ports: [443, ICMP]}, {namespace: b}]}",
    ),
    "icmp by flag": (QUIET, "{name: x, reason: r, to: [{namespace: a}], ports: [443, ICMP]}"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_an_engine_proposes_ends_its_refusal_and_opens_nothing(name: str) -> None:
    clusters, rule = REFUSED[name]
    files: Files = files_of({"shop": [rule]}, clusters=clusters)
    proposing = [each for each in problems_of(files) if each.proposal]
    before = meant(files)

    assert proposing
    for problem in proposing:
        after = followed(files, problem)
        assert key(problem) not in set(map(key, problems_of(after)))
        assert all(flows <= before[target] for target, flows in meant(after).items())


@pytest.mark.parametrize(
    ("rule", "advice"),
    [
        (
            "{name: x, reason: r, to: [{namespace: a}], ports: [ICMP]}",
            "leave out the rule that has ICMP alone, or use cilium, calico or calico-enterprise",
        ),
        (
            "{name: x, reason: r, to: [{namespace: a, ports: [ICMP]}, {namespace: b}]}",
            (
                "leave out the destination that has ICMP alone, or use cilium, calico or "
                "calico-enterprise"
            ),
        ),
    ],
)
def test_the_last_port_of_a_list_is_not_taken_out(rule: str, advice: str) -> None:
    """Without its list a rule would have the default ports."""
    (problem,) = problems_of(files_of({"shop": [rule]}, clusters=PLAIN))

    assert (problem.help, problem.proposal) == (advice, None)


NAME = "kubernetes.io/metadata.name"


@pytest.mark.parametrize(
    ("to", "advice"),
    [
        (
            f"{{namespaceLabels: {{{NAME}: a}}, pods: {{app: b}}, ports: [8080]}}",
            "write {namespace: a, pods: {app: b}, ports: [8080/TCP]} instead",
        ),
        (f"{{namespaceLabels: {{{NAME}: a}}}}", "write {namespace: a} instead"),
        (
            f"{{namespaceLabels: {{{NAME}: a, tier: b}}}}",
            "name each namespace with namespace:, or choose them by other labels",
        ),
    ],
)
def test_a_namespace_by_its_own_label_becomes_that_namespace_and_no_more(
    to: str, advice: str
) -> None:
    files: Files = files_of({"shop": [f"{{name: x, reason: r, to: [{to}]}}"]})
    (problem,) = problems_of(files)

    assert problem.help == advice
    if problem.proposal:
        after = followed(files, problem)
        assert not [each for each in problems_of(after) if each.id == "bad-label"]
        written = advice.removeprefix("write ").removesuffix(" instead")
        right = files_of({"shop": [f"{{name: x, reason: r, to: [{written}]}}"]})
        assert load_files(after) == load_files(right)
