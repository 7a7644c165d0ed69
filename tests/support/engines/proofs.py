"""Targets on their way through the whole proof: lowered, rendered by real Helm, judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

from support.paths import CHARTS
from transire.charts.layout import BASELINE, TIER, team_place
from transire.engines.registry import ENGINES, engine_of, tiered
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.helm import Chart, read_yaml
from transire.k8s.manifests import Manifest
from transire.meaning.compiled import Compiled, CompiledTeam
from transire.meaning.meaning import api_server_ports
from transire.meaning.target import Lowered, Target, Values, baseline_of
from transire.model.accounts import NAMESPACE, PLATFORM
from transire.model.intent import Organisation, Publication, Team
from transire.model.problems import Problem
from transire.queries.cluster_state import ClusterState
from transire.review.proof.prove import Shared, prove_platform, prove_team, shared_objects
from transire.yamlio import write

POLICY = "egress-policy"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """A target with what its engine is told: values by chart; each is itself alone."""

    target: Target
    lowered: Lowered
    baseline: Lowered
    values: Mapping[str, Values]


def organisation_of(target: Target) -> Organisation:
    """An organisation whose only team publishes to this target alone."""
    published = Publication(
        namespace=target.namespace, cluster=target.cluster.name, mode=target.mode
    )
    team = Team(
        name=target.team,
        contact="",
        path=target.team_path,
        publications=(published,),
        rules=target.rules,
    )
    return Organisation(platform=target.platform, teams=(team,))


def told(target: Target) -> Told:
    """What the cluster's engine is told.

    Raises:
        Rejected: with everything that it cannot say.
    """
    engine = ENGINES[target.cluster.release.engine]
    lowered = engine.lower(target)
    baseline = engine.lower_baseline(baseline_of(organisation_of(target), target.cluster))
    tier = target.platform.tier
    values = {POLICY: lowered.values, BASELINE: baseline.values}
    if tiered(target.cluster.release):
        values[TIER] = {
            "tier": {"name": tier.name, "order": tier.order},
            "serviceAccounts": [
                {"name": PLATFORM, "namespace": NAMESPACE},
                {"name": "another", "namespace": NAMESPACE},
            ],
        }
    return Told(target=target, lowered=lowered, baseline=baseline, values=values)


def rendered(values: Values, chart: Path) -> str:
    """What Helm renders of these values, by the way that `generate` and `check` take.

    Raises:
        HelmFailed: if the chart's schema or a template refuses them.
    """
    content = write(values).encode()
    file = Path("values.yaml")  # which is not there, and is taken to hold the content
    return chart_in(chart).text(file, content=content, namespace="payments-prod")


def texts_of(each: Told, charts: Path = CHARTS) -> dict[str, str]:
    """The manifests of each chart.

    Raises:
        HelmFailed: if Helm refuses.
    """
    return {chart: rendered(values, charts / chart) for chart, values in each.values.items()}


@cache
def chart_in(folder: Path) -> Chart:
    """The chart, loaded once."""
    return Chart.load(folder, helm="sdk")


@lru_cache(maxsize=256)
def _read(text: str, chart: str, start: int) -> tuple[Manifest, ...]:
    """The objects of a chart; most mutants change one and leave the others as they are."""
    return read_yaml(text, f"charts/{chart}", start=start)


@lru_cache(maxsize=64)
def compiled_of(each: Told) -> Compiled:
    """The target as the only one of an organisation."""
    organisation = organisation_of(each.target)
    [team] = organisation.teams
    lowered = {each.target.name: each.lowered}
    return Compiled(
        organisation=organisation,
        teams=(CompiledTeam(team=team, targets=(each.target,), lowered=lowered),),
        whole=True,
        baselines={each.target.cluster.name: each.baseline},
        tiers={},
        as_of=datetime(2026, 11, 23, tzinfo=UTC),
        warnings=(),
    )


_Texts = tuple[tuple[str, str], ...]


@lru_cache(maxsize=64)
def _shared(each: Told, platform: _Texts) -> Mapping[str, Shared]:
    """What the platform's charts have rendered."""
    cluster = each.target.cluster.name
    return shared_objects(compiled_of(each), {(chart, cluster): text for chart, text in platform})


@lru_cache(maxsize=64)
def _platform_problems(each: Told, platform: _Texts) -> tuple[Problem, ...]:
    return tuple(prove_platform(compiled_of(each), _shared(each, platform)))


def problems_of(each: Told, texts: Mapping[str, str]) -> tuple[Problem, ...]:
    """What the proof has to say of these manifests; nothing where they are proved."""
    platform = tuple((chart, text) for chart, text in texts.items() if chart != POLICY)
    place = team_place(each.target.team)
    own = _read(texts[POLICY], POLICY, 0)
    objects = {
        (place, each.target.name): tuple(replace(one, source=f"charts/{place}") for one in own)
    }
    [team] = compiled_of(each).teams
    return (
        *prove_team(team, objects, _shared(each, platform)),
        *_platform_problems(each, platform),
    )


def objects_of(texts: Mapping[str, str]) -> tuple[Manifest, ...]:
    """The objects of all charts, numbered through."""
    found: list[Manifest] = []
    for chart, text in texts.items():
        found += _read(text, chart, len(found))
    return tuple(found)


def flows_of_objects(
    target: Target, objects: Iterable[Manifest], *, enforced: bool = False
) -> FlowSet:
    """What the objects allow the target's pods, as they are or as they would be enforced.

    Raises:
        Unjudgeable: if one of them holds what is not modelled.
    """
    release = target.cluster.release
    as_rendered = tuple(objects)
    judged = engine_of(release).enforced(as_rendered) if enforced else as_rendered
    engine = engine_of(release)
    reading = engine.read(judged, release, ClusterState(), engine.options(target.cluster))
    pods = PodSet.in_namespace(target.namespace)
    return reading.flows(pods, api_server_ports(target))
