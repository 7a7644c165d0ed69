"""What verbs give shows itself in one short line, and paths may be text or path objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path, PurePosixPath

import pytest

import transire
from support.paths import ROOT
from support.review.example_diff import DIFF
from support.review.report_examples import example
from transire.commands.arguments import file_at, files_at, folder_at, several
from transire.commands.explain import Explained
from transire.commands.generate import Generated
from transire.commands.init import Started
from transire.delivery.registry.result import ChartState, ChartVersion, Published
from transire.k8s.correction import Correction
from transire.k8s.manifests import ObjectRef
from transire.model.problems import Level, Position, Problem, Rejected
from transire.queries.query import Connection, Decision, Query, Source, Verdict
from transire.review.lint.finding import LintFinding

PROBLEM = Problem(
    at=Position(path="values/teams/a.yaml", line=7, column=28),
    id="unknown-cluster",
    message="no cluster 'onprm'",
    help="write prod-onprem",
)
GENERATED = Generated(
    rows=(), problems=(PROBLEM,), written=("a", "b"), removed=(), rendered=0, helm="sdk", new=""
)
EXPLAINED = Explained(
    query=Query(
        id="q7", source=Source(namespace="shop"), what=Connection(port=443, protocol="TCP")
    ),
    decision=Decision(verdict=Verdict.DENY, reason="nothing allows it"),
    caveats=(),
    refused=(),
    pruned=(),
)
FINDING = LintFinding(
    rule="no-dns",
    level=Level.WARNING,
    object=ObjectRef(kind="NetworkPolicy", namespace="shop", name="web"),
    path="/spec/egress",
    message="no rule reaches a resolver",
    help="add one",
    fix=Correction(patch=(), diff="a long change\n" * 60),
)
RELEASE = ChartVersion(
    place="teams/a",
    name="a",
    version="0.1.0",
    content="sha256:1",
    state=ChartState.NEW,
    reference="a",
)
PUBLISHED = Published(commit="c0ffee" * 7, destination="origin", releases=(RELEASE, RELEASE))

SHOWN: list[tuple[object, str]] = [
    (
        PROBLEM,
        "<Problem values/teams/a.yaml:7:28: error: no cluster 'onprm' (unknown-cluster)>",
    ),
    (Rejected([PROBLEM]), "<Rejected problems=1>"),
    (GENERATED, "<Generated targets=0 problems=1 written=2 removed=0>"),
    (Started(written=("a",), difference="-\n" * 99), "<Started written=1>"),
    (EXPLAINED, "<Explained q7: deny>"),
    (FINDING, "<LintFinding warning: NetworkPolicy shop/web /spec/egress (no-dns)>"),
    (RELEASE, "<Release teams/a 0.1.0: new>"),
    (PUBLISHED, "<Published from c0ffeec0ffee: 2 new>"),
    (transire.rules("no-world-cidr")[0], "<RulePage no-world-cidr: guardrail, error>"),
]


@pytest.mark.parametrize(("value", "shown"), SHOWN, ids=lambda each: type(each).__name__)
def test_a_result_shows_itself_in_one_line(value: object, shown: str) -> None:
    assert repr(value) == shown


def test_a_diff_and_its_parts_show_themselves_in_one_line() -> None:
    first = DIFF.targets[0]

    assert repr(DIFF) == (
        "<Diff from origin/main (1a2b3c4d5e6f) to the working tree: incomparable, "
        "risk high, 3 of 7 targets>"
    )
    assert repr(first) == "<TargetChange shop.eu: wider, risk high>"
    assert [repr(each) for each in first.gains] == [
        "<Grant any pod to **.corp.example on 443/TCP>",
        "<Grant app=checkout to api.adyen.example on 443/TCP>",
    ]


def test_a_report_and_its_parts_show_themselves_in_one_line() -> None:
    report = example()

    assert repr(report) == "<Report as_of=2026-11-23 teams=7 targets=14>"
    assert repr(report.organisation) == "<Organisation teams=7 clusters=5>"
    assert repr(report.teams[0]) == "<TeamReport analytics targets=2 rules=3>"
    assert repr(report.teams[0].reaches[0]) == (
        "<Reach values/teams/analytics.yaml#collectors places=2>"
    )


def test_a_path_may_be_text_or_a_path_object(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    here = PurePosixPath("a")

    assert folder_at("a") == folder_at(here) == tmp_path.resolve() / "a"
    assert (file_at("a"), file_at(here), file_at(None)) == (Path("a"), Path("a"), None)
    assert files_at("ab") == files_at(["ab"]) == (Path("ab"),)
    assert files_at(here) == files_at(iter([here])) == (Path("a"),)
    assert files_at(()) == ()


def test_one_word_is_never_taken_for_its_letters() -> None:
    assert several("payments") == ("payments",)
    assert several(iter(["a", "b"])) == ("a", "b")


def test_explain_wants_a_target_or_files_with_an_engine() -> None:
    nothing = "name a target, a cluster of values/platform.yaml, or files with an engine"
    wrong: list[tuple[str | None, str, str | None, str]] = [
        (None, "", None, nothing),
        ("a.b", "", "cilium", "an engine is named for files; a target has that of its cluster"),
        ("a.b", "policy.yaml", None, "name either a target or files, not both"),
        (
            None,
            "policy.yaml",
            None,
            "name the engine that judges the files, or the cluster they are for",
        ),
        (None, "", "cilium", nothing),
    ]
    for target, file, engine, message in wrong:
        with pytest.raises(transire.UsageError) as failed:
            transire.explain([], target=target, files=[file] if file else [], engine=engine)

        assert str(failed.value) == message


def test_a_query_may_be_given_whole(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        "metadata: {name: none, namespace: shop}\nspec: {podSelector: {}, policyTypes: [Egress]}\n",
        encoding="utf-8",
    )

    found = transire.explain(
        [("shop", "198.51.100.7:443"), EXPLAINED.query, ("shop", "a.example:1")],
        files=str(policy),
        engine="kubernetes",
    )

    assert [each.query.id for each in found] == ["1", "q7", "3"]


LONGEST = 400
"""Characters of a value that some verb gives, or holds in what it gives."""


def values_in(value: object) -> Iterator[object]:
    """The values that a person finds in a result by its fields, itself included."""
    if is_dataclass(value):
        yield value
        for each in fields(value):
            if each.repr and not each.name.startswith("_"):
                yield from values_in(getattr(value, each.name))
    elif isinstance(value, (tuple, list, frozenset)):
        for item in value:
            yield from values_in(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from values_in(item)


def test_what_a_result_holds_shows_itself_in_few_words() -> None:
    found = [*values_in(transire.report(ROOT, as_of=date(2026, 11, 23))), *values_in(DIFF)]
    flows = [("payments-prod/app=checkout", "api.stripe.com:443"), ("payments-prod", "1.1.1.1:1")]
    target = "payments-prod.prod-eu"
    found += values_in(transire.explain(flows, root=ROOT, target=target))
    kinds = {type(each).__name__ for each in found}

    assert kinds >= {"Decision", "Team", "Target", "TeamReport", "Query", "TargetChange"}
    assert [each for each in map(repr, found) if len(each) > LONGEST] == []
    assert max(len(repr(each)) for each in found if type(each).__name__ in transire.__all__) < 200
