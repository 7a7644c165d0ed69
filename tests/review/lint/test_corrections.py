"""What lint offers as a correction is one: the trap is gone, no other has come, nothing opens."""

from __future__ import annotations

import json
from pathlib import Path

import jsonpatch
import pytest

from support.engines.case_files import release
from support.review.linting import example, linted, manifests_of, shown
from transire.engines.registry import engine_of
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.json_pointer import plain
from transire.model.problems import Level
from transire.queries.cluster_state import ClusterState
from transire.review.lint.finding import LintFinding
from transire.review.lint.registry import LINT_RULES
from transire.yamlio import write

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
READ_AT_LAST = "pruned-field"
"""A field that gets its right name is read for the first time, and may hold traps of its own."""


def streams() -> list[tuple[str, str, str]]:
    """Name, engine and YAML of every example and case."""
    found = [
        (f"example-{rule_id}", rule.EXAMPLE, example(rule, "Bad"))
        for rule_id, rule in LINT_RULES.items()
    ]
    for path in CASES:
        header, _, text = path.read_text("utf-8").partition("\n---\n")
        found.append((path.stem, header.split()[1], text))
    return found


STREAMS = streams()


def rules_of_errors(findings: tuple[LintFinding, ...]) -> set[str]:
    return {each.rule for each in findings if each.level is Level.ERROR}


def with_correction(text: str, found: LintFinding) -> str:
    bodies = [plain(each.body) for each in manifests_of(text)]
    assert found.fix is not None
    jsonpatch.apply_patch(bodies[found.manifest], json.dumps(found.fix.patch), in_place=True)
    return "\n---\n".join(map(write, bodies))


@pytest.mark.parametrize(("name", "engine", "text"), STREAMS, ids=[each[0] for each in STREAMS])
def test_a_corrected_object_has_the_trap_no_more(name: str, engine: str, text: str) -> None:
    before = linted(text, engine)
    for found in before:
        if found.fix:
            after = linted(with_correction(text, found), engine)
            said = {(each.rule, each.path, each.message) for each in after}
            new = rules_of_errors(after) - rules_of_errors(before)

            assert (found.rule, found.path, found.message) not in said, name
            assert new == set() or found.rule == READ_AT_LAST, [shown(each) for each in after]


def allowed(text: str, engine: str) -> dict[str, FlowSet]:
    """What the objects let through, for pods of each of their namespaces and of another one."""
    on, manifests = release(engine), manifests_of(text)
    reading = engine_of(on).read(manifests, on, ClusterState(), {})
    names = {"default", "elsewhere", *(str(each.ref.namespace or "default") for each in manifests)}
    return {
        name: reading.flows(PodSet.in_namespace(name), PortSet.of_port(Protocol.TCP, 6443))
        for name in names
    }


@pytest.mark.parametrize(("name", "engine", "text"), STREAMS, ids=[each[0] for each in STREAMS])
def test_a_corrected_object_lets_no_more_through(name: str, engine: str, text: str) -> None:
    found = [each for each in linted(text, engine) if each.fix]
    before = allowed(text, engine) if found else {}
    for each in found:
        after = allowed(with_correction(text, each), engine)

        assert all(flows <= before[where] for where, flows in after.items()), (name, each.rule)


def test_many_rules_offer_a_correction() -> None:
    fixed = {each.rule for _, engine, text in STREAMS for each in linted(text, engine) if each.fix}

    assert len(fixed) >= 15
