"""Help never makes it worse: what it proposes is what was written, and ends the finding."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume
from hypothesis import strategies as st

from support.draw.rounds import in_rounds
from support.paths import ROOT
from support.values.applied import applied, replaced, scalars
from transire.model.problems import Problem, Rejected
from transire.values import proposals
from transire.values.guardrails.registry import review
from transire.values.load import load_files
from transire.values.proposals import slip_of, slip_of_name
from transire.values.value_files import find
from transire.yamlio import read

EXAMPLE = find(ROOT).files
WHOLE = load_files(EXAMPLE)
PATHS = sorted(EXAMPLE)
SOURCE = Path(proposals.__file__).parents[1]

DAY = date(2026, 1, 1)
RULE = "ip-is-not-a-host"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """A file with one slip of the pen in it: a letter lost, doubled, swapped or another."""
    path = draw(st.sampled_from(PATHS))
    text = EXAMPLE[path].decode()
    nodes = [each for each in scalars(read(text, path).root) if len(each.text) > 1]
    words = [each for each in nodes if each.plain and each.text.replace("-", "").isalnum()]
    node = draw(st.sampled_from(words))
    place = draw(st.integers(0, len(node.text) - 2))
    before, here, after = node.text[:place], node.text[place : place + 2], node.text[place + 2 :]
    kind = draw(st.sampled_from(["lost", "doubled", "swapped", "other"]))
    letters = {
        "lost": here[1:],
        "doubled": here[0] + here,
        "swapped": here[::-1],
        "other": draw(st.sampled_from(LETTERS)) + here[1:],
    }
    slip = before + letters[kind] + after
    assume(slip.strip() == slip and slip and slip != node.text)
    return path, replaced(text, node, slip)


def problems(files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    try:
        load_files(files)
    except Rejected as rejected:
        return rejected.problems
    return ()


def followed(path: str, text: str) -> Iterator[tuple[Problem, str]]:
    """Every finding with a proposal, and the file after its help was followed; at most a few."""
    for _ in range(5):
        files = {**EXAMPLE, path: text.encode()}
        wrong = [each for each in problems(files) if each.proposal and each.at.path == path]
        if not wrong:
            return
        proposal = wrong[0].proposal
        assert proposal is not None
        text = applied(text, read(text, path).root, proposal)
        yield wrong[0], text


@pytest.mark.slow("many drawn examples")
def test_following_the_help_for_a_slip_gives_back_what_was_there() -> None:
    """So nothing opens, nothing moves to another cluster, and no approval to another entry."""
    seen: Counter[str] = Counter()

    def body(drawn: tuple[str, str]) -> None:
        path, text = drawn
        for problem, after in followed(path, text):
            seen[problem.id] += 1
            left = problems({**EXAMPLE, path: after.encode()})
            assert (problem.at, problem.id) not in {(each.at, each.id) for each in left}
            if not left:
                assert load_files({**EXAMPLE, path: after.encode()}) == WHOLE

    wanted = {"unknown-key", "unknown-value", "unknown-cluster", "unknown-bundle"}
    in_rounds(slips(), body, seen=seen, wanted=wanted, examples=40, rounds=40)


HOST = st.sampled_from(["api.example.com", "a-b.example.net", "xn--bcher-kva.example"])
PORT = st.integers(1, 65535)
ADDRESS = st.ip_addresses(network="198.51.100.0/24").map(str)
ADDRESS_6 = st.ip_addresses(network="2001:db8::/32").map(str)
LENGTH = st.integers(25, 32)
Written = tuple[str, str]
"""Text where a host belongs, and the destination that it means, as YAML."""

LOOKALIKES: st.SearchStrategy[Written] = st.one_of(
    HOST.map(lambda host: (f"https://{host}/x?y", f"{{host: {host}, ports: [443]}}")),
    HOST.map(lambda host: (f"http://u@{host}", f"{{host: {host}, ports: [80]}}")),
    HOST.map(lambda host: (f"{host}/v1", host)),
    st.tuples(HOST, PORT).map(lambda two: (f"{two[0]}:{two[1]}", _host(*two))),
    st.tuples(HOST, PORT).map(lambda two: (f"wss://{two[0]}:{two[1]}/", _host(*two))),
    st.tuples(HOST, PORT).map(lambda two: (f"*.{two[0]}:{two[1]}", _host(f'"*.{two[0]}"', two[1]))),
    st.tuples(ADDRESS, PORT).map(
        lambda two: (f"{two[0]}:{two[1]}", _range(f"{two[0]}/32", two[1]))
    ),
    st.tuples(ADDRESS_6, PORT).map(
        lambda two: (f"[{two[0]}]:{two[1]}", _range(f"{two[0]}/128", two[1]))
    ),
    ADDRESS_6.map(lambda address: (address, f"{{cidr: {address}/128}}")),
    ADDRESS.map(lambda address: (f"{address}/32", f"{{cidr: {address}/32}}")),
    LENGTH.map(lambda length: (f"203.0.113.0/{length}", f"{{cidr: 203.0.113.0/{length}}}")),
)


def _host(host: str, port: int) -> str:
    return f"{{host: {host}, ports: [{port}]}}"


def _range(cidr: str, port: int) -> str:
    return f"{{cidr: {cidr}, ports: [{port}]}}"


TEAM = "values/teams/parcels.yaml"


def team(destination: str, ports: str) -> dict[str, bytes]:
    text = (
        "apiVersion: transire/v1\nkind: TeamEgress\nteam: parcels\ncontact: p@example.com\n"
        "namespaces: {parcels: [prod-eu]}\negress:\n  - name: depots\n    reason: reach them\n"
        f"    ticket: SEC-1\n    to: [www.example.org, {destination}]\n{ports}"
    )
    return {**EXAMPLE, TEAM: text.encode()}


@pytest.mark.slow("many drawn examples")
def test_following_the_help_for_what_is_no_host_reaches_what_was_written_alone() -> None:
    """Not on the ports of the rule, where a port was written, and not by its neighbours."""
    seen: Counter[str] = Counter()

    def body(drawn: tuple[Written, str]) -> None:
        (text, meant), ports = drawn
        spoilt = team(f'"{text}"', ports)
        (problem,) = problems(spoilt)
        seen[problem.message.partition("' ")[2]] += 1
        after = dict(followed(TEAM, spoilt[TEAM].decode()))
        right = after[problem].encode()
        assert problem.proposal is not None
        assert problem.help == f"write {problem.proposal.text}"
        assert load_files({**EXAMPLE, TEAM: right}) == load_files(team(meant, ports))

    drawn = st.tuples(LOOKALIKES, st.sampled_from(["", "    ports: [22]\n", "    ports: [443]\n"]))
    wanted = {
        "has a path behind the host",
        "has a port in the host",
        "is a URL, not a host",
        "is an address range, not a host",
        "is an address, not a host",
    }
    in_rounds(drawn, body, seen=seen, wanted=wanted)


@pytest.mark.parametrize("written", ["198.51.100.7", "198.51.100.8-198.51.100.15"])
def test_following_the_help_for_an_address_ends_the_finding(written: str) -> None:
    def found(files: Mapping[str, bytes]) -> list[str]:
        return [each.help for each in review(load_files(files), DAY) if each.id == RULE]

    (advice,) = found(team(f'"{written}"', ""))
    after = re.sub(r"^write (.*) instead$", r"\1", advice)

    assert found(team(after, "")) == []
    ranges = [each for each in load_files(team(after, "")).teams if each.name == "parcels"]
    addresses = sum(each.cidr.num_addresses for each in ranges[0].rules[0].ranges)
    assert addresses == (1 if "-" not in written else 8)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("prod-us", ["prod-eu", "prod-onprem"]),
        ("prod-a", ["prod-b"]),
        ("shop-1", ["shop-2", "books"]),
        ("shop1", ["shop2"]),
        ("staging", ["prod", "edge"]),
        ("dev", ["deu", "prod"]),
        ("stagin", ["staging", "stagine"]),
        ("shop", ["shops-eu"]),
        ("staging", ["staging"]),
        ("", ["a"]),
    ],
)
def test_a_name_that_may_be_another_on_purpose_is_never_proposed(
    written: str, names: list[str]
) -> None:
    assert slip_of_name(written, names) == ""


@pytest.mark.parametrize(
    ("written", "names", "name"),
    [
        ("stagin", ["staging", "prod"], "staging"),
        ("stagign", ["staging", "prod"], "staging"),
        ("prod-onprm", ["prod-onprem", "prod-eu"], "prod-onprem"),
        ("githup", ["github"], "github"),
    ],
)
def test_a_slip_in_a_name_of_some_letters_is_seen(
    written: str, names: list[str], name: str
) -> None:
    assert slip_of_name(written, names) == name


@pytest.mark.parametrize(
    ("written", "words", "word"),
    [
        ("resaon", ["reason", "ticket"], "reason"),
        ("ipv4", ["IPv4", "IPv6"], "IPv4"),
        ("IPv5", ["IPv4", "IPv6"], ""),
        ("hosts", ["ports", "to"], ""),
        ("tp", ["to"], ""),
        ("reason", ["reason"], ""),
        ("fluxcd", ["flux", "argocd"], ""),
    ],
)
def test_a_slip_in_a_word_of_ours_is_seen(written: str, words: list[str], word: str) -> None:
    assert slip_of(written, words) == word


def test_a_key_that_is_there_already_is_not_proposed_again() -> None:
    text = EXAMPLE["values/teams/payments.yaml"].decode()
    twice = text.replace("    reason: charge cards\n", "    reason: charge cards\n    resaon: x\n")
    (problem,) = problems({**EXAMPLE, "values/teams/payments.yaml": twice.encode()})

    assert problem.proposal is None
    assert problem.help == "keep one of the two; reason is there already"


@pytest.mark.slow("the whole source is read")
def test_proposals_are_made_in_two_modules_one_for_values_and_one_for_engines() -> None:
    makers = [
        path.relative_to(SOURCE).as_posix()
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Proposal"
    ]

    assert set(makers) == {"engines/api/proposals.py", "values/proposals.py"}
