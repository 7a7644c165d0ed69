"""What lint calls an error in what we render is an error in the values it comes from."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.draw.lowering_strategies import expressible_targets
from support.engines.lowering_parts import Text, cluster, target
from support.engines.proofs import objects_of, organisation_of, texts_of, told
from support.review.linting import facts_of, shown
from transire.meaning.target import Target
from transire.model.problems import Level, Rejected
from transire.review.lint.registry import lint
from transire.values.guardrails.registry import review

AS_OF = datetime(2026, 11, 30, tzinfo=UTC)
WITH_HOSTS = ["cilium@1.19", "cilium@1.17", "cilium@1.20", "calico-enterprise@3.22"]
ENGINES = ["cilium", "calico", "calico-enterprise", "kubernetes"]

_LABELS = st.sampled_from(
    [
        "*", "*", "a", "a*", "*b", "_x", "_tcp", "10", "1-2", "amazonaws", "api", "ck", "cluster",
        "co", "com", "core", "example", "github", "io", "local", "localhost", "nip", "redis", "s3",
        "svc", "uk", "windows", "net", "www",
    ]
)  # fmt: skip
HOSTS = st.builds(
    lambda first, labels: ".".join([*first, *labels]),
    st.sampled_from([[], [], ["**"]]),
    st.lists(_LABELS, min_size=1, max_size=4),
)


def errors_of(one: Target) -> list[str]:
    """The errors of lint in what one target renders, with all that its cluster gets.

    Raises:
        Rejected: if its engine refuses it.
    """
    objects = objects_of(texts_of(told(one)))
    release, ranges = one.cluster.release, one.cluster.network.service_cidrs
    found = lint(objects, release, facts_of(objects, release, ranges))
    return [shown(each) for each in found if each.level is Level.ERROR]


def is_refused(one: Target) -> bool:
    """Whether guardrails find an error."""
    return any(each.level is Level.ERROR for each in review(organisation_of(one), AS_OF))


@pytest.mark.slow("many drawn examples")
@pytest.mark.parametrize("release", WITH_HOSTS)
def test_hosts_that_lint_refuses_are_refused_as_values(release: str) -> None:
    engine, _, version = release.partition("@")
    network = {"domain": "cluster.example"}
    here = cluster(engine, version, approximate=["narrow", "widen"], network=network)
    seen: Counter[str] = Counter()

    def accepted(host: str) -> bool:
        rule: Text = {"name": "one", "to": [host]}
        try:
            one = target(here, [rule])
            told(one)
        except (Rejected, ValueError):
            return False
        return not is_refused(one)

    @settings(max_examples=60, derandomize=True, database=None, deadline=None)
    @given(drawn=st.lists(HOSTS, min_size=6, max_size=6, unique=True))
    def run(drawn: list[str]) -> None:
        hosts = list(filter(accepted, drawn))
        seen.update({"accepted": len(hosts), "refused": len(drawn) - len(hosts)})
        if hosts:
            assert errors_of(target(here, [{"name": "all", "to": hosts}])) == []

    run()

    assert min(seen["accepted"], seen["refused"]) > 20, seen


@pytest.mark.slow("many drawn examples")
@pytest.mark.parametrize("engine", ENGINES)
def test_whatever_lint_refuses_is_refused_as_values(engine: str) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=40, derandomize=True, database=None, deadline=None)
    @given(one=expressible_targets(engine))
    def run(one: Target) -> None:
        try:
            errors = errors_of(one)
        except Rejected:
            return
        seen["judged"] += 1
        if errors:
            seen["refused"] += 1
            assert is_refused(one), errors

    run()

    assert seen["judged"] > 10
