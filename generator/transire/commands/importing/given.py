"""What an import is given: policies, what is known of their namespaces, and what was not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from transire.commands.given_files import STDIN, is_namespaced, problem_of, read_each
from transire.commands.importing.kustomizations import Kustomizations
from transire.commands.verify.live_objects import is_ours, policies_of
from transire.k8s.json_pointer import inner
from transire.k8s.manifests import Manifest, ObjectRef
from transire.model.problems import Problem
from transire.review.migration.candidates import LeftOut
from transire.review.migration.places import Space

_OF_CLUSTER = frozenset({"Namespace", "Node", "Service", "Endpoints", "EndpointSlice", "Pod"})


@dataclass(frozen=True, kw_only=True)
class GivenPolicies:
    """The policies, numbered as one input, beside what else is read.

    `objects` are policies and what these refer to, such as services. `labels` are those of
    namespaces, by name. `unread` are documents that may hold a policy, `left_out` policies that
    nobody can place or render, and `strangers` places of documents that are no objects at all.
    """

    objects: tuple[Manifest, ...]
    others: tuple[Manifest, ...]
    labels: Mapping[str, Mapping[str, str]]
    unread: tuple[Problem, ...]
    left_out: tuple[LeftOut, ...]
    strangers: tuple[str, ...]
    passed_over: Mapping[str, int]
    sources: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()

    @property
    def policies(self) -> tuple[Manifest, ...]:
        """The policies, sets among them."""
        return tuple(each for each in self.objects if policies_of([each]))

    def is_ours(self, manifest: int) -> bool:
        """Whether an object has the label of ours."""
        return is_ours(self.objects[manifest])


def given_policies(paths: Iterable[Path], namespace: str) -> GivenPolicies:
    """What some files, folders and standard input hold.

    Raises:
        UsageError: if one cannot be read, a folder holds none, or the namespace is no name.
    """
    listed = list(paths)
    given, problems = read_each(listed, "")
    strangers = [each for each in problems if _is_stranger(each)]
    kustomizations = Kustomizations.of(given.manifests, strangers, listed)
    manifests = [_placed(kustomizations.placed(each), namespace) for each in given.manifests]
    left_out = [_unrendered(each.manifest, problem_of(each)) for each in given.unrendered]
    kept, homeless = list[Manifest](), list[LeftOut]()
    of_policy = {each.index for each in _policies(manifests)}
    passed_over: dict[str, int] = {}
    for each in manifests:
        if each.index in of_policy:
            lost = _lost(each)
            homeless += lost
            kept += () if lost else (each,)
        elif each.ref.kind in _OF_CLUSTER:
            kept.append(each)
        else:
            passed_over[each.ref.kind] = passed_over.get(each.ref.kind, 0) + 1
    objects = tuple(replace(each, index=index) for index, each in enumerate(kept))
    return GivenPolicies(
        objects=objects,
        others=tuple(each for each in manifests if each.ref.kind in _OF_CLUSTER),
        labels=dict(_labels(manifests)),
        unread=tuple(each for each in problems if each not in strangers),
        left_out=(*left_out, *homeless),
        strangers=tuple(dict.fromkeys(each.at.path for each in strangers)),
        passed_over=dict(sorted(passed_over.items())),
        sources=given.sources,
        notes=tuple(kustomizations.notes(each for each in kept if each.index in of_policy)),
    )


def _policies(manifests: list[Manifest]) -> Iterator[Manifest]:
    """The policies with the places that they have in the input."""
    for each in manifests:
        if policies_of([each]):
            yield each


def _placed(manifest: Manifest, namespace: str) -> Manifest:
    """The object in its namespace; the API server takes that away from what has none."""
    if manifest.ref.namespace and policies_of([manifest]) and not is_namespaced(manifest):
        metadata = dict(inner(manifest.body, "metadata"))
        del metadata["namespace"]
        return manifest.with_body({**manifest.body, "metadata": metadata})
    if not namespace or manifest.ref.namespace or not is_namespaced(manifest):
        return manifest
    metadata = {**inner(manifest.body, "metadata"), "namespace": namespace}
    return manifest.with_body({**manifest.body, "metadata": metadata})


def _lost(manifest: Manifest) -> list[LeftOut]:
    """Why nobody knows where a policy is, if so."""
    if manifest.ref.namespace or not is_namespaced(manifest):
        return []
    why = "it names no namespace; give --namespace, or what kubectl get prints"
    return [LeftOut(object=manifest.ref, pointer="/metadata/namespace", why=why)]


def _unrendered(manifest: Manifest, problem: Problem) -> LeftOut:
    ref = manifest.ref
    if not ref.kind:
        ref = ObjectRef(kind="document", name=str(problem.at))
    return LeftOut(object=ref, pointer="", why=f"{problem.message}; {problem.help}")


def _labels(manifests: Iterable[Manifest]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for each in manifests:
        if each.ref.kind == "Namespace" and each.api_version == "v1":
            found = inner(each.body, "metadata", "labels")
            yield (
                each.ref.name,
                {key: value for key, value in found.items() if isinstance(value, str)},
            )


def _is_stranger(problem: Problem) -> bool:
    """Whether a document is plainly no Kubernetes object: YAML that names neither kind nor API."""
    path = Path(problem.at.path)
    if path == STDIN or not path.is_file():
        return False
    return " has no kind" in problem.message or " has no apiVersion" in problem.message


def spaces_of(names: Iterable[str], labels: Mapping[str, Mapping[str, str]]) -> list[Space]:
    """The namespaces by name, each with its labels where they are known."""
    return [Space(name=each, labels=labels.get(each)) for each in sorted(set(names))]
