"""From objects, a symptom and records to everything that causes look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from transire.engines.api.diagnosis import Setting
from transire.engines.api.engine import Engine
from transire.engines.api.reading import Reading
from transire.engines.registry import engine_of, policy_kinds
from transire.flows.pod_set import written_labels
from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import inner, maps, text
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version
from transire.model.problems import Unjudgeable
from transire.queries.cluster_state import ClusterState, Pod, no_labels
from transire.queries.given_objects import with_objects
from transire.review.doctor.case import Case
from transire.review.doctor.collect import Collector
from transire.review.doctor.findings import Unseen
from transire.review.doctor.placed import Objects, Placed
from transire.review.doctor.resolvers import resolvers_of
from transire.review.doctor.services import service_ports
from transire.review.doctor.sources import Pods
from transire.review.doctor.symptom import Symptom
from transire.review.doctor.troubles import Seen
from transire.review.lint.context import LintContext
from transire.review.lint.finding import Facts

MOST_TROUBLES = 60
"""Destinations in trouble that causes look at: those with the most events."""
_BESIDE = frozenset({"Service", "Endpoints", "EndpointSlice"})
"""Kinds beside policies that some policies refer to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked about: a symptom in a namespace, and the engine that enforces there.

    `options` are flags of the agent that are declared, `wanted` the objects of our values.
    """

    symptom: Symptom
    namespace: str
    release: Release
    cluster: str = ""
    options: Mapping[str, str] = field(default_factory=no_labels)
    wanted: tuple[Manifest, ...] | None = None


def case_of(
    asked: Asked, objects: Objects, records: Callable[[Pods], Seen], *, has_logs: bool
) -> Case:
    """Everything that causes look at; `records` reads the logs, for which pods are needed."""
    state = with_objects(ClusterState(), (each.manifest for each in objects.placed))
    engine = engine_of(asked.release)
    agents = tuple(_agents(objects, engine))
    release = _patched(asked.release, agents)
    settings = _settings(objects, engine)
    flags = {name: each.value for name, each in settings.items()}
    options: Mapping[str, str] = {**asked.options, **engine.diagnosis.options(flags)}
    options, unseen = _known_options(release, state, options)
    reading, context = _read(objects, release, state, options)
    pods = Pods(state)
    seen = records(pods)
    own = tuple(each for each in state.pods if each.namespace == asked.namespace)
    services = tuple(service_ports(objects, state))
    collector = Collector(
        seen=seen,
        pods=pods,
        own=own or tuple(_assumed_pods(context, asked)),
        symptom=asked.symptom,
        services=services,
        namespaces=frozenset(state.namespace_labels),
    )
    focus = sorted(collector.focus(), key=lambda each: -len(each.events))[:MOST_TROUBLES]
    return Case(
        symptom=asked.symptom,
        namespace=asked.namespace,
        cluster=asked.cluster,
        release=release,
        engine=engine,
        objects=objects,
        wanted=asked.wanted,
        context=context,
        reading=reading,
        state=state,
        settings=settings,
        agents=agents,
        pods=own,
        services=services,
        resolvers=resolvers_of(objects, state),
        collector=collector,
        seen=seen,
        unread=unseen,
        has_logs=has_logs,
        has_snapshot=objects.given,
        troubles=tuple(each for each in focus if not each.proxied),
        all_troubles=tuple(each for each in collector.all if not each.proxied),
        proxied=tuple(each for each in focus if each.proxied),
    )


def _assumed_pods(context: LintContext, asked: Asked) -> Iterator[Pod]:
    """Pods that policies of the namespace select, where no snapshot has any.

    Those come first whose labels the symptom names.
    """
    found: dict[str, Pod] = {}
    for policy in context.policies:
        witness = policy.subject.witness() if policy.namespace == asked.namespace else None
        if witness is not None:
            labels = written_labels(witness.labels)
            name = next(iter(sorted(witness.labels.values())), asked.namespace)
            found[labels] = Pod(namespace=asked.namespace, name=name, labels=dict(witness.labels))
    words = asked.symptom.words
    yield from sorted(
        found.values(), key=lambda pod: (words.isdisjoint(pod.labels.values()), pod.name)
    )


def _read(
    objects: Objects, release: Release, state: ClusterState, options: Mapping[str, str]
) -> tuple[Reading, LintContext]:
    manifests = tuple(each.manifest for each in objects.placed if _is_read(each.manifest))
    reading = engine_of(release).reading(manifests, release, state, options)
    facts = Facts(refused=reading.refused, pruned=reading.pruned, cluster=state)
    return reading, LintContext.of(manifests, release, facts)


def _known_options(
    release: Release, state: ClusterState, options: Mapping[str, str]
) -> tuple[Mapping[str, str], tuple[Unseen, ...]]:
    """The flags whose values are modelled, and the others as what was not seen."""
    known: dict[str, str] = {}
    unseen: list[Unseen] = []
    for name, value in options.items():
        try:
            engine_of(release).reading((), release, state, {**known, name: value})
        except Unjudgeable as error:
            what = f"{error}; policies are read as if it had its default"
            unseen.append(Unseen(what=what, command="look at what this setting changes"))
        else:
            known[name] = value
    return known, tuple(unseen)


def _is_read(manifest: Manifest) -> bool:
    """Whether a verdict can rest on the object."""
    if manifest.ref.kind in _BESIDE:
        return True
    known = policy_kinds().get(group_of(manifest))
    if known is None:
        return False
    return manifest.ref.kind in known.policies | known.parts


def _agents(objects: Objects, engine: Engine) -> Iterator[tuple[Placed, Version]]:
    """The releases of the agent by the tags of its images."""
    for each in objects.of("DaemonSet", "Pod"):
        body = each.manifest.body
        spec = inner(body, "spec", "template", "spec") or inner(body, "spec")
        for _, container in maps(spec, "containers", ""):
            version = _version(text(container, "image"), engine)
            if version is not None:
                yield each, version


def _version(image: str, engine: Engine) -> Version | None:
    name, _, tag = image.partition("@")[0].rpartition(":")
    if name.rpartition("/")[2] not in engine.diagnosis.images:
        return None
    try:
        return Version.parse(tag.removeprefix("v").partition("-")[0])
    except ValueError:
        return None


def _patched(release: Release, agents: Sequence[tuple[Placed, Version]]) -> Release:
    """The release with the patch that the oldest agent has, where it is of the same line."""
    if release.version is None or release.version.patch is not None or not agents:
        return release
    oldest = min(version for _, version in agents)
    if oldest.line != release.version.line:
        return release
    return replace(release, version=oldest)


def _settings(objects: Objects, engine: Engine) -> Mapping[str, Setting]:
    return {
        each.name: each
        for placed in objects.placed
        for each in engine.diagnosis.settings(placed.manifest)
    }
