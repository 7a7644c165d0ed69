"""Expectations written from rules: all of them hold, and they notice what is taken away or widened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pytest

from support.draw.lowering_strategies import expressible_targets
from support.draw.rounds import in_rounds
from support.engines.proofs import objects_of, organisation_of, texts_of, told
from transire.commands.test import judge as judging
from transire.commands.test.expectation_text import appended
from transire.commands.test.neighbours import example_port, other_address, other_names
from transire.commands.test.new import BorneOut, bear_out
from transire.engines.registry import ENGINES
from transire.meaning.target import Target
from transire.model.destinations import AddressRange, Destination, Host
from transire.model.intent import Rule
from transire.model.names import HostKind, HostPattern
from transire.model.net import MAX_PORT, PortRange, Protocol, merge_ports
from transire.model.pod_selector import EVERY_POD
from transire.model.problems import Rejected
from transire.queries.expectation import Expectation, ExpectationFile, Standing
from transire.queries.query import Decision, Query
from transire.values.expectations import expectations_of
from transire.values.expected_targets import Placed, place

PATH = "tests/egress/payments.yaml"


ALWAYS = ("removed", "another pod than those of", "another address than", "another port than")
"""Changes of a rule that every engine has to see."""

CHANGES = (*ALWAYS, "another name than")


class Judged:
    """What judges the objects of one target as real Helm renders them."""

    def __init__(self, target: Target) -> None:
        self.judge = judging.judge_of(target, objects_of(texts_of(told(target))))

    def decide(self, target: Target, query: Query) -> Decision:
        del target
        return self.judge.decide(query)


def written(found: BorneOut) -> bytes:
    """The file that the expectations are written to."""
    return appended(None, PATH, "payments", found.parts, None).content


def read(content: bytes) -> ExpectationFile:
    [file] = expectations_of([(PATH, content)]).sound()
    return file


def failed(expectations: Iterable[Expectation], target: Target) -> list[Expectation]:
    """Those that the target's objects do not meet."""
    some = (Placed(expectation=each, target=target) for each in expectations)
    found = judging.tested(some, Judged(target).decide)
    return [each.expectation for each in found if each.standing is not Standing.MET]


def without(target: Target, rule: Rule) -> Target:
    """The target when nobody lists the rule any more."""
    return replace(target, rules=tuple(each for each in target.rules if each != rule))


def widened(rule: Rule) -> Iterator[tuple[str, tuple[str, ...], Rule]]:
    """The rule, a little wider in one way.

    Before it what an expectation beside it stands for, and parts of such a one's destination.
    """
    if rule.sources != EVERY_POD:
        yield "another pod than those of", (), replace(rule, sources=EVERY_POD)
    for destination in rule.destinations:
        for what, beside, other in _wider(destination):
            rest = tuple(each for each in rule.destinations if each != destination)
            number, _ = example_port((destination.ports or rule.ports)[0])
            parts = beside, f":{number}"
            yield what, parts, replace(rule, destinations=(other, *rest))
    ports = merge_ports(rule.ports)[:1]
    if ports and ports[0].protocol is not Protocol.ICMP and ports[0].last < MAX_PORT:
        number = ports[0].last + 1
        more = PortRange(protocol=ports[0].protocol, first=number, last=number)
        yield "another port than", (f":{number}",), replace(rule, ports=(*rule.ports, more))


def _wider(destination: Destination) -> Iterator[tuple[str, str, Destination]]:
    match destination:
        case Host() if destination.pattern.kind is HostKind.EXACT and destination.pattern.parent:
            wide = HostPattern(f"*.{destination.pattern.parent}")
            [name] = other_names(destination.pattern)
            yield "another name than", f"{name}:", replace(destination, pattern=wide)
        case AddressRange() if destination.cidr.prefixlen:
            beside = other_address(destination.cidr)
            assert beside is not None
            wider = replace(destination, cidr=destination.cidr.supernet())
            yield "another address than", str(beside[0]), wider


@pytest.mark.slow("many drawn examples")
@pytest.mark.parametrize("engine", ENGINES)
def test_whatever_is_written_holds_and_notices_what_is_removed_and_widened(engine: str) -> None:
    seen: Counter[str] = Counter()

    def run(target: Target) -> None:
        try:
            found = bear_out((target,), Judged(target).decide)
        except Rejected:
            return
        content = written(found)
        expectations = read(content).expectations

        assert failed(expectations, target) == []
        assert appended(content, PATH, "payments", found.parts, read(content)).content == content
        placing = place([read(content)], organisation_of(target))
        assert (len(placing.placed), placing.problems) == (len(expectations), ())
        seen["written"] += len(expectations)
        for rule in target.rules[:1]:
            less = without(target, rule)
            own = f"entry of {rule.name}"
            _count(seen, "removed", less, [each for each in expectations if each.reason == own])
            for what, beside, wide in widened(rule):
                closed = [
                    each
                    for each in expectations
                    if each.reason.startswith(f"{what} {rule.name}")
                    and all(part in each.destination for part in beside)
                ]
                _count(seen, what, replace(less, rules=(*less.rules, wide)), closed)

    wanted = frozenset(ALWAYS)
    in_rounds(expressible_targets(engine), run, seen=seen, wanted=wanted, examples=6)

    assert {each: seen[f"{each}, caught"] for each in CHANGES} == {
        each: seen[each] for each in CHANGES
    }


def _count(seen: Counter[str], what: str, changed: Target, about: Sequence[Expectation]) -> None:
    """Count whether a change of the target fails one of the expectations that are about it."""
    try:
        found = failed(about, changed)
    except Rejected:
        return
    if about:
        seen[what] += 1
        seen[f"{what}, caught"] += bool(found)
