"""Many questions get the answers, byte for byte, that each would get alone."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from support import needs
from support.draw.mixed_questions import lines, text_of
from support.engines.case_files import Case, cases, cluster
from support.shared_data import shared
from transire.commands import explain_many as answering
from transire.commands.explain_many import Explainer
from transire.commands.explain_queries import many_queries
from transire.commands.explain_subject import Subject
from transire.engines.api.reading import Reading
from transire.engines.registry import ENGINES
from transire.k8s.manifests import Manifest, ObjectRef
from transire.model.engine import Release, Version
from transire.model.problems import Rejected, Unjudgeable
from transire.pipeline.workers import Workers
from transire.queries.cluster_json import cluster_from_json
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Decision, Query, Verdict
from transire.queries.query_json import QueryReader

TWO = Workers(processes=2)
CASES = tuple(chain.from_iterable(map(cases, ("calico", "cilium", "kubernetes"))))
RECORDED = ("calico", "cilium-1.19", "kubernetes")


def plain(reading: Reading, query: Query) -> str:
    """The documented line, made of nothing but this decision."""
    try:
        decision = reading.decide(query)
    except Unjudgeable as error:
        decision = Decision(verdict=Verdict.UNJUDGEABLE, reason=str(error))
    decided = decision.decided_by
    answer = {
        "schema": "transire.explain/1",
        "id": query.id,
        "verdict": decision.verdict.value,
        "decided_by": None if decided is None else {**ref(decided.object), "rule": decided.rule},
        "reason": decision.reason,
        "caveats": [{"id": each.id, "text": each.text} for each in decision.caveats],
        "refused": [
            {"manifest": each.manifest, **ref(each.object), "by": each.by, "why": each.why}
            for each in reading.refused
        ],
        "pruned": [{"manifest": each.manifest, "path": each.path} for each in reading.pruned],
    }
    return json.dumps(answer, ensure_ascii=False) + "\n"


def ref(of: ObjectRef) -> dict[str, str]:
    return {"kind": of.kind, "namespace": of.namespace, "name": of.name}


def subject_of(case: Case) -> Subject:
    return Subject(manifests=case.manifests, release=case.release)


def reading_of(subject: Subject, where: ClusterState) -> Reading:
    read = ENGINES[subject.release.engine].read
    return read(subject.manifests, subject.release, where, {})


def answers_in_two_orders(
    subject: Subject, where: ClusterState, asked: list[Query]
) -> tuple[list[str], list[str]]:
    """What one reading answers to all, and what another, asked from the end, answers plainly."""
    together = Explainer.of(subject, where, "json")
    first = [each.text for each in together.to(asked)]
    assert [each.text for each in together.to(asked)] == first
    other = reading_of(subject, where)
    return first, [plain(other, each) for each in reversed(asked)][::-1]


@pytest.mark.slow("recorded cases of engines")
@pytest.mark.parametrize("case", CASES, ids=lambda each: each.name)
def test_no_answer_depends_on_what_was_asked_before(case: Case) -> None:
    together, apart = answers_in_two_orders(subject_of(case), cluster(), mixed_questions())

    assert together == apart


@cache
def mixed_questions() -> list[Query]:
    return list(many_queries(lines(150), "q.jsonl"))


def recorded(name: str) -> Iterator[tuple[Subject, Query]]:
    """The cases of a file of verdicts that real engines gave."""
    path = shared(f"conformance/{name}.json")
    if path is None:
        pytest.skip(needs.VERDICTS)
    helm = pytest.importorskip("helm_python", reason=needs.HELM_SDK)
    for case in json.loads(path.read_text("utf-8")):
        written = case["manifests"]
        bodies = [
            helm.values_from_yaml(each)
            for text in ([written] if isinstance(written, str) else written)
            for each in f"\n{text}".split("\n---")
            if each.strip()
        ]
        engine, _, version = case["engine"].partition("@")
        release = Release(engine=engine, version=Version.parse(version) if version else None)
        manifests = tuple(
            Manifest(source=case["id"], index=index, body=body) for index, body in enumerate(bodies)
        )
        yield (
            Subject(manifests=manifests, release=release),
            QueryReader(path=name).query(json.dumps(case), line=1),
        )


@pytest.mark.slow("recorded cases of engines")
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_questions_get_the_same_answers_alone_and_among_others(name: str) -> None:
    found = list(recorded(name))
    beside = shared(f"conformance/{name}.cluster.json")
    assert beside is not None
    where = cluster_from_json(beside.read_text("utf-8"), path=beside.name)
    several = [query for _, query in found]
    for place, (subject, query) in enumerate(found):
        asked = [query, *several[place % 7 :: 7], query]

        together, apart = answers_in_two_orders(subject, where, asked)

        assert together == apart
        assert together[0] == together[-1] == plain(reading_of(subject, where), query)


POLICY: dict[str, Any] = {
    "apiVersion": "cilium.io/v2",
    "kind": "CiliumNetworkPolicy",
    "metadata": {"name": "shop", "namespace": "shop"},
    "spec": {
        "endpointSelector": {},
        "egress": [{"toCIDR": ["198.51.100.0/24"], "toPorts": [{"ports": [{"port": "443"}]}]}],
    },
}
GROUPS = {"endpointSelector": {}, "egress": [{"toGroups": [{"aws": {"region": "eu"}}]}]}
UNJUDGED = {
    **POLICY,
    "metadata": {"name": "bank", "namespace": "bank"},
    "spec": GROUPS,
}
GOOD = lines(200)
LONE = '{"id": "x", "from": "shop", "to": "a.test:443"}'
FILES = {
    "right": text_of(GOOD),
    "without-a-last-end": text_of(GOOD).removesuffix(b"\n"),
    "windows": text_of(GOOD).replace(b"\n", b"\r\n"),
    "old-mac": text_of(GOOD).replace(b"\n", b"\r", 50),
    "empty-lines": text_of(GOOD).replace(b"\n", b"\n\n \t\n"),
    "empty": b"",
    "not-json": text_of([*GOOD, "\n", "{'id': 1}\n", *GOOD]),
    "no-known-form": text_of([*GOOD, "\n", '{"id": "x", "From": "shop"}\n', *GOOD]),
    "key-twice": text_of([*GOOD, LONE.replace("{", '{"id": "y", '), "\n", *GOOD]),
    "not-a-number": text_of([*GOOD, LONE.replace('"x"', "NaN"), "\n", *GOOD]),
    "half-a-character": text_of([*GOOD, LONE.replace("x", r"\ud83d"), "\n", *GOOD]),
    "not-utf-8": text_of(GOOD) + b'{"id": "\xff"}\n' + text_of(GOOD),
    "two-on-a-line": text_of([*GOOD, LONE, LONE, "\n", *GOOD]),
    "a-long-line": text_of([*GOOD, LONE.replace("x", "x" * 5000), "\n", *GOOD]),
}


def outcome(answers: Explainer, file: BinaryIO, workers: Workers) -> tuple[str, bool, str]:
    """What is printed, whether something could not be judged, and what stopped it."""
    text, unjudged, error = "", False, ""
    try:
        for each in answers.to_file(file, "q.jsonl", workers):
            text += each.text
            unjudged |= each.unjudged
    except Rejected as rejected:
        error = str(rejected)
    return text, unjudged, error


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Explainer:
    monkeypatch.setattr(answering, "_PART", 300)
    release = Release(engine="cilium", version=Version.parse("1.19"))
    manifests = tuple(
        Manifest(source="p.yaml", index=index, body=body)
        for index, body in enumerate((POLICY, UNJUDGED))
    )
    return Explainer.of(Subject(manifests=manifests, release=release), ClusterState(), "json")


@pytest.mark.parametrize("name", FILES)
def test_processes_answer_a_file_as_one_does(name: str, answers: Explainer, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(FILES[name])

    with path.open("rb") as one, path.open("rb") as other:
        alone, together = outcome(answers, one, Workers()), outcome(answers, other, TWO)

    assert alone == together
    assert alone[1] is (name != "empty")
    assert alone == outcome(answers, io.BytesIO(FILES[name]), Workers())


STOPS = {
    "not-json":
        "q.jsonl:202:2: error: this is not JSON: expecting property name enclosed in double quotes (query)\n"
        "  help: write one JSON value without comments",
    "key-twice":
        "q.jsonl:201:0: error: this is not JSON: the key 'id' is written twice (query)\n"
        "  help: write one JSON value without comments",
    "not-a-number":
        "q.jsonl:201:0: error: this is not JSON: NaN is not a JSON number (query)\n"
        "  help: write one JSON value without comments",
    "half-a-character":
        "q.jsonl:201:0: error: a string holds \\ud83d, half a character (query)\n"
        "  help: write both halves, or the character itself",
    "not-utf-8":
        "q.jsonl:201:0: error: the byte 0xff is not UTF-8: invalid start byte (query)\n"
        "  help: write the file in UTF-8",
}  # fmt: skip


@pytest.mark.parametrize("name", STOPS)
def test_the_first_wrong_line_stops_after_the_answers_before_it(
    name: str, answers: Explainer
) -> None:
    text, _, error = outcome(answers, io.BytesIO(FILES[name]), Workers())

    assert (text, error) == (whole(answers, GOOD), STOPS[name])


def whole(answers: Explainer, some: Iterable[str]) -> str:
    return "".join(each.text for each in answers.to(many_queries(some, "q.jsonl")))


def test_a_file_is_read_from_where_it_stands(answers: Explainer, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(b"something else\n" + text_of(GOOD))

    with path.open("rb") as file:
        file.readline()
        together = outcome(answers, file, TWO)

    assert together[0] == whole(answers, GOOD)


def test_only_large_files_are_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(text_of(GOOD))
    asked: list[tuple[int, int]] = []

    def fitting(size: int, *, enough: int) -> Workers:
        asked.append((size, enough))
        return TWO

    monkeypatch.setattr(Workers, "fitting", fitting)
    with path.open("rb") as file:
        assert answering.sharing(file) == TWO
    assert asked == [(len(text_of(GOOD)), 2 << 20)]
    assert answering.sharing(io.BytesIO(text_of(GOOD))) == Workers()
    assert answering.sharing(None) == Workers()
