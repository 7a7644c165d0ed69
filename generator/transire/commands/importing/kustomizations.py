"""Which namespace kustomize and Flux put objects in, as far as files show it.

Only what is plain is followed: `namespace` of the kustomizations that list a file, and
`targetNamespace` of a Flux Kustomization whose path has it. What kustomize changes besides, such as
with patches, is not applied and is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from transire.commands.given_files import is_namespaced
from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import inner, items, text
from transire.k8s.manifests import Manifest
from transire.model.names import is_dns_label
from transire.model.problems import Level, Position, Problem

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_FLUX = "kustomize.toolkit.fluxcd.io"
_LISTS = ("resources", "bases", "components")
_CHANGES = (
    "patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "vars", "transformers",
    "namePrefix", "nameSuffix", "commonLabels", "labels",
)  # fmt: skip
_DEEPEST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kustomization:
    """One file: the namespace that it sets, what it lists, and what else it changes."""

    folder: Path
    namespace: str
    lists: frozenset[Path]
    changes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Kustomizations:
    """Those that are beside the files, and Flux's."""

    roots: tuple[Path, ...]
    flux: tuple[tuple[tuple[str, ...], str], ...] = ()
    known: dict[Path, _Kustomization | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls, manifests: Iterable[Manifest], strangers: Iterable[Problem], paths: Sequence[Path]
    ) -> Kustomizations:
        """What is around some files."""
        del strangers
        flux = [
            (_parts(text(spec, "path")), text(spec, "targetNamespace"))
            for each in manifests
            if group_of(each) == _FLUX and each.ref.kind == "Kustomization"
            for spec in [inner(each.body, "spec")]
            if text(spec, "targetNamespace") and _parts(text(spec, "path"))
        ]
        return cls(roots=tuple(each.resolve() for each in paths if each.is_dir()), flux=tuple(flux))

    def placed(self, manifest: Manifest) -> Manifest:
        """The object in the namespace that it ends up in, where one is set for its file."""
        found = self._namespace(manifest)
        if not found or not manifest.ref.kind or not is_namespaced(manifest):
            return manifest
        metadata = {**inner(manifest.body, "metadata"), "namespace": found}
        return manifest.with_body({**manifest.body, "metadata": metadata})

    def notes(self, policies: Iterable[Manifest]) -> Iterator[Problem]:
        """A warning for every kustomization that changes policies in ways that are not followed."""
        told = set()
        for each in policies:
            for kustomization in self._above(each.source):
                if kustomization.changes and kustomization.folder not in told:
                    told.add(kustomization.folder)
                    yield Problem(
                        at=Position(path=str(kustomization.folder / NAMES[0])),
                        id="kustomization-not-applied",
                        level=Level.WARNING,
                        message=f"{', '.join(kustomization.changes)} may change {each.ref}, and "
                        "the file was read as it is",
                        help="give what `kustomize build` prints instead",
                    )

    def _namespace(self, manifest: Manifest) -> str:
        """That of the outermost kustomization which lists the file, then Flux's."""
        found = ""
        for each in self._above(manifest.source):
            found = each.namespace or found
        for parts, namespace in self.flux:
            if _is_below(Path(manifest.source).parts[:-1], parts):
                found = namespace
        return found if is_dns_label(found) else ""

    def _above(self, source: str) -> Iterator[_Kustomization]:
        """The kustomizations that list the file, the innermost first."""
        path = Path(source).resolve()
        listed = path
        for folder in list(path.parents)[:_DEEPEST]:
            found = self._at(folder)
            if found is not None and listed in found.lists:
                yield found
                listed = folder
            if folder in self.roots:
                return

    def _at(self, folder: Path) -> _Kustomization | None:
        if folder not in self.known:
            self.known[folder] = _read(folder)
        return self.known[folder]


def _read(folder: Path) -> _Kustomization | None:
    for name in NAMES:
        path = folder / name
        if not path.is_file():
            continue
        try:
            body: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            return None
        if not isinstance(body, dict):
            return None
        listed = [each for key in _LISTS for each in items(body, key) if isinstance(each, str)]
        return _Kustomization(
            folder=folder,
            namespace=text(body, "namespace"),
            lists=frozenset((folder / each).resolve() for each in listed if "://" not in each),
            changes=tuple(each for each in _CHANGES if body.get(each)),
        )
    return None


def _parts(path: str) -> tuple[str, ...]:
    return tuple(each for each in path.split("/") if each not in {"", "."})


def _is_below(parts: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether the folders of a path hold these, one after another."""
    size = len(wanted)
    return any(parts[at : at + size] == wanted for at in range(len(parts) - size + 1))
