"""The labels and annotations that every object of ours has, and what they hold.

They are for others to go by: people select a team's objects by its label, Argo CD applies sets
before the rules that find them and audit before what enforces, and takes a policy without a verdict
for healthy only where it names its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transire.k8s.json_pointer import inner
from transire.k8s.manifests import Manifest, Tree

_LAYER, _TEAM = "transire/layer", "transire/team"
SET = "transire/set"
"""The label of a set, which is its name: by it policies find the set."""

_SOURCE, _WAVE = "transire/source", "argocd.argoproj.io/sync-wave"
_LAYERS = ("admission", "allow", "audit", "deny", "dns", "in-cluster")
_FIRST = "-1"
"""The wave of sets and of what keeps audit open, before that of everything else."""
_OF_AUDIT = "-audit--"
"""What the names of a baseline's objects for one namespace in audit hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMetadata:
    """Whose objects they are: a team's, or with no name the platform's; and their values files."""

    team: str = ""
    files: Sequence[str]

    def faults(self, manifest: Manifest) -> Iterator[str]:
        """What is wrong with the labels and annotations of an object."""
        labels, annotations = of_metadata(manifest, "labels"), of_metadata(manifest, "annotations")
        found = labels.get(SET)
        sets = () if found is None else (manifest.ref.name,)
        yield from _one_of("label", labels, _LAYER, _LAYERS)
        yield from _one_of("label", labels, _TEAM, (self.team,) if self.team else ())
        yield from _one_of("label", labels, SET, sets)
        yield from _one_of(
            "annotation", annotations, _WAVE, (_FIRST,) if _goes_first(manifest) else ()
        )
        source = annotations.get(_SOURCE)
        if not isinstance(source, str) or source.partition("#")[0] not in self.files:
            yield _wrong("annotation", _SOURCE, annotations, self.files)


def _goes_first(manifest: Manifest) -> bool:
    """Sets, what lets everything pass in audit, and a baseline's objects for audit."""
    labels = of_metadata(manifest, "labels")
    return SET in labels or labels.get(_LAYER) == "audit" or _OF_AUDIT in manifest.ref.name


def of_metadata(manifest: Manifest, key: str) -> Tree:
    """A mapping of an object's metadata, empty where it is none: that is refused by the cluster."""
    return inner(manifest.body, "metadata", key)


def _one_of(what: str, found: Tree, key: str, wanted: Sequence[str]) -> Iterator[str]:
    """Whether it holds one of these values; without any it must not be there."""
    if not wanted and key in found:
        yield f"has the {what} {key} {found[key]!r}, which is not for it"
    elif wanted and found.get(key) not in wanted:
        yield _wrong(what, key, found, wanted)


def _wrong(what: str, key: str, found: Tree, wanted: Sequence[str]) -> str:
    choice = " or ".join(wanted)
    if key not in found:
        return f"lacks the {what} {key}, which is {choice}"
    return f"has the {what} {key} {found[key]!r}, not {choice}"
