"""Single changes to lines of templates, and what becomes of them on the way to the proof."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from support.engines.proofs import POLICY, Told, flows_of_objects, objects_of, problems_of, told
from support.example_targets import example_targets
from support.paths import CHARTS
from transire.engines.registry import ENGINES
from transire.flows.flow_set import FlowSet
from transire.helm import Request
from transire.helm.sdk import from_archive, read, templates
from transire.k8s.api_kinds import group_of
from transire.k8s.manifests import Manifest, Tree
from transire.model.problems import HelmFailed, ToolError
from transire.yamlio import write

ENGINES_OF = {
    "calico": ("calico", "calico-enterprise"),
    "cilium": ("cilium",),
    "kubernetes": ("kubernetes",),
    "tier": ("calico", "calico-enterprise"),
}
"""Engines by the name of the template that serves them; the others serve all."""


class Fate(StrEnum):
    """What became of a mutant, the strongest first."""

    REFUSED = "Helm refuses"
    CAUGHT = "caught by the proof"
    SURVIVED = "survived with another meaning"
    SAME_MEANING = "other objects of the same meaning"
    SAME_OBJECTS = "the same objects"


_SWAPS = (
    *(("Egress", "Ingress"), ("egress:", "ingress:"), ("Allow", "Deny"), ("Deny", "Allow")),
    *(("toFQDNs", "toFQDN"), ("false", "true"), ("matchName:", "matchPattern:")),
    *(
        ("matchPattern:", "matchName:"),
        ("Exists", "DoesNotExist"),
        ("operator: In", "operator: NotIn"),
    ),
    *(
        (" == ", " != "),
        (" && ", " || "),
        ("all()", "!all()"),
        ("global()", "all()"),
        ("'k8s'", "'x'"),
    ),
    *(("!has(", "has("), ("9000", "1"), ("chunk 14", "chunk 13"), ('"', '"x'), ("eq ", "ne ")),
    *(("ne ", "eq "), ("if ", "if not "), (".first", ".labels"), ("nets:", "notNets:")),
    *(
        ("endPort:", "port:"),
        ("protocol:", "name:"),
        (" | int", " | int | add 1"),
        ("metadata.name", "x"),
    ),
    *(
        ("{}", "{app: x}"),
        ("cidr:", "except:"),
        ("  - ", "    "),
        ("\n  ", "\n"),
        ("projectcalico.org/", "x/"),
    ),
    *(("Network", "GlobalNetwork"), ("Clusterwide", ""), ("Staged", ""), ("k8s:", "any:")),
)
"""Literals and what each is changed to; one at a time, in the first place of a line."""

_KEY = re.compile(r"^([ ]*(?:- )?\"?)([A-Za-z][-A-Za-z./:]*)(\"?:)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A template with one line changed."""

    chart: str
    template: str
    line: int
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.chart}/{self.template}:{self.line}: {self.what}"


def mutants_of(chart: str, template: str) -> Iterator[Mutant]:
    """Each line of the template deleted, and every literal in it changed."""
    lines = (CHARTS / chart / "templates" / template).read_text().split("\n")
    for place, line in enumerate(lines):
        for what, changed in _changes(line):
            text = "\n".join([*lines[:place], *changed, *lines[place + 1 :]])
            yield Mutant(chart=chart, template=template, line=place + 1, what=what, text=text)


def _changes(line: str) -> Iterator[tuple[str, list[str]]]:
    if not line.strip():
        return
    yield "deleted", []
    for before, after in _SWAPS:
        changed = f"\n{line}".replace(before, after, 1)[1:]
        if f"\n{line}".count(before) and changed != line:
            yield f"{before!r} to {after!r}", [changed]
    if _KEY.match(line):
        yield "key misspelt", [_KEY.sub(r"\1\2x\3", line)]


@cache
def _told_of(engine: str) -> tuple[Told, ...]:
    return tuple(map(told, example_targets()[engine]))


@cache
def _files(chart: str) -> Mapping[str, bytes]:
    folder = CHARTS / chart
    paths = [folder / "Chart.yaml", folder / "values.yaml", *sorted(folder.glob("templates/*"))]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def texts_with(each: Told, charts: Iterable[str], replaced: Mapping[str, bytes]) -> dict[str, str]:
    """The manifests of these charts, with files replaced.

    Raises:
        HelmFailed: if Helm refuses.
    """
    found = {}
    for name in charts:
        request = Request(chart=Path(name), namespace="payments-prod")
        archive = _packed({**_files(name), **replaced})
        values = read(write(each.values[name]))
        rendered = templates(from_archive(archive, request), values, request)
        found[name] = "\n---\n".join(
            text for path, text in sorted(rendered.items()) if not path.endswith("NOTES.txt")
        )
    return found


def _packed(files: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"chart/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(held.getvalue(), compresslevel=1, mtime=0)


@cache
def _originals(engine: str) -> tuple[Mapping[str, str], ...]:
    return tuple(texts_with(each, each.values, {}) for each in _told_of(engine))


def fate_of(mutant: Mutant) -> Fate:
    """The strongest fate over all example targets that the template serves."""
    stem = mutant.template.partition(".")[0]
    fates = set()
    for engine in ENGINES_OF.get(stem, tuple(ENGINES)):
        examples = told_and_rendered(engine)
        for each, before in examples if stem in ENGINES_OF else examples[:1]:
            fates.add(fate_on(each, before, mutant))
            if fates & {Fate.REFUSED, Fate.CAUGHT}:
                return min(fates, key=list(Fate).index)
    return min(fates, key=list(Fate).index)


def fate_on(each: Told, before: Mapping[str, str], mutant: Mutant) -> Fate:
    """What becomes of the mutant on one target."""
    if mutant.chart not in each.values:
        return Fate.SAME_OBJECTS
    replaced = {f"templates/{mutant.template}": mutant.text.encode()}
    try:
        after = {**before, **texts_with(each, [mutant.chart], replaced)}
    except HelmFailed:
        return Fate.REFUSED
    return fate_of_texts(each, before, after)


_Texts = tuple[tuple[str, str], ...]
_fates: dict[tuple[int, _Texts, _Texts], tuple[Told, Fate]] = {}
"""By target and manifests, as many mutants render the same; each target is kept with its number."""


def fate_of_texts(each: Told, before: Mapping[str, str], after: Mapping[str, str]) -> Fate:
    """What becomes of other manifests than those that the charts render."""
    key = id(each), tuple(before.items()), tuple(after.items())
    if key not in _fates:
        _fates[key] = each, _fate(each, before, after)
    return _fates[key][1]


@lru_cache(maxsize=64)
def _objects(texts: _Texts) -> tuple[Manifest, ...]:
    return objects_of(dict(texts))


_flows: dict[tuple[int, _Texts, bool], tuple[Told, FlowSet]] = {}


def _flows_before(each: Told, before: Mapping[str, str], *, enforced: bool) -> FlowSet:
    """What the manifests mean that all mutants of a target are compared with."""
    texts = tuple(before.items())
    key = id(each), texts, enforced
    if key not in _flows:
        _flows[key] = each, flows_of_objects(each.target, _objects(texts), enforced=enforced)
    return _flows[key][1]


def _fate(each: Told, before: Mapping[str, str], after: Mapping[str, str]) -> Fate:
    if before == after:
        return Fate.SAME_OBJECTS
    try:
        originals, objects = _objects(tuple(before.items())), _objects(tuple(after.items()))
        if _bodies(originals) == _bodies(objects):
            return Fate.SAME_OBJECTS
        if _bodies(originals, judged=True) == _bodies(objects, judged=True):
            return Fate.SAME_MEANING
        problems = problems_of(each, after)
    except ToolError:
        return Fate.CAUGHT
    if problems:
        return Fate.CAUGHT
    same = all(
        _flows_before(each, before, enforced=enforced)
        == flows_of_objects(each.target, objects, enforced=enforced)
        for enforced in (False, True)
    )
    return Fate.SAME_MEANING if same else Fate.SURVIVED


_NEVER_POLICY = frozenset({"admissionregistration.k8s.io", "rbac.authorization.k8s.io"})
"""Groups whose objects no engine reads as network policy."""


def _bodies(objects: Iterable[Manifest], *, judged: bool = False) -> list[Tree]:
    """What the objects hold; of those that an engine may read only, if `judged`."""
    return [each.body for each in objects if not (judged and group_of(each) in _NEVER_POLICY)]


def told_and_rendered(engine: str) -> list[tuple[Told, Mapping[str, str]]]:
    """The engine's example targets with the manifests of their charts."""
    return list(zip(_told_of(engine), _originals(engine), strict=True))


def count(fates: Iterable[Fate]) -> dict[str, int]:
    """How many mutants met each fate."""
    found = Counter(fates)
    return {each.value: found[each] for each in Fate}


TEMPLATES = [
    (chart, path.name)
    for chart in (POLICY, "egress-baseline", "egress-tier")
    for path in sorted((CHARTS / chart / "templates").glob("*"))
    if path.name != "NOTES.txt"
]
"""Every template that renders objects."""
