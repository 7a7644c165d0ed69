"""What an engine shows of itself in a cluster, for whoever looks for the cause of a symptom.

Settings are those of agents, as objects of a snapshot have them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from transire.k8s.json_pointer import inner, maps, text
from transire.k8s.manifests import Manifest, Tree
from transire.k8s.typed_decoding import pointer
from transire.model.engine import Release, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting with its value as text; `at` is a JSON pointer into the object that has it."""

    name: str
    value: str
    manifest: Manifest
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A fault of one line of releases, and the first patch without it; `what` is a clause."""

    line: tuple[int, int]
    patch: int
    what: str

    def concerns(self, version: Version) -> bool:
        """Whether the version has the fault."""
        return (
            version.line == self.line and version.patch is not None and version.patch < self.patch
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A condition by which the cluster tells that it does not enforce an object."""

    at: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What to look at in a cluster of one engine.

    `images` are the last parts of the names of the agent's images, whose tag is its release.
    `options` gives the settings that verdicts depend on. `cluster_name` is the setting that holds
    the cluster's name, `keeps` are those that keep a learnt address after its answer has expired,
    in seconds or as a duration. `cap` is the setting with the most addresses of a name, `usual_cap`
    its value where nobody sets it, None without a bound. `audits` and `disables` are settings with
    the values by which policies only report, or do nothing. `refuses_with` is the setting of how a
    name that no rule lets through is answered, with the value after which resolvers ask on.
    `staged`: whether an object only shows what it would do. `refused`: the condition of an object
    that is not enforced. `see_lookups` is what has to stand in a rule so that lookups are seen,
    empty where nothing has to. `entities` are the names of nodes and of the API server in a flow
    log, with what they are. `most_patterns` is the number of patterns of names up to which an
    agent works well.
    """

    images: frozenset[str]
    settings: Callable[[Manifest], Iterable[Setting]]
    options: Callable[[Mapping[str, str]], Mapping[str, str]]
    cluster_name: str
    keeps: tuple[str, ...]
    cap: str
    usual_cap: Callable[[Release], int | None]
    audits: tuple[tuple[str, str], ...]
    disables: tuple[tuple[str, str], ...]
    refuses_with: tuple[str, str]
    staged: Callable[[Manifest], bool]
    refused: Callable[[Manifest], Status | None]
    see_lookups: str
    entities: Mapping[str, str]
    mended: tuple[Mended, ...]
    most_patterns: int


def no_settings(manifest: Manifest) -> Iterable[Setting]:
    """None."""
    del manifest
    return ()


def data_settings(manifest: Manifest) -> Iterator[Setting]:
    """The data of a ConfigMap."""
    for key, value in inner(manifest.body, "data").items():
        if isinstance(value, str):
            yield Setting(name=key, value=value, manifest=manifest, at=f"/data{pointer(key)}")


def spec_settings(manifest: Manifest, *below: str) -> Iterator[Setting]:
    """The plain fields of a spec, or of what stands below keys of it."""
    at = "/spec" + "".join(pointer(each) for each in below)
    for key, value in inner(manifest.body, "spec", *below).items():
        shown = plain_text(value)
        if shown is not None:
            yield Setting(name=key, value=shown, manifest=manifest, at=f"{at}{pointer(key)}")


def plain_text(value: object) -> str | None:
    """A plain value as an agent spells it; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else None


def argument_settings(manifest: Manifest) -> Iterator[Setting]:
    """The arguments `--name=value` of the containers of pods and of what makes pods."""
    for way in (("spec",), ("spec", "template", "spec")):
        spec, at = inner(manifest.body, *way), "".join(pointer(each) for each in way)
        for where, container in maps(spec, "containers", at):
            yield from _arguments(manifest, container, where)


def _arguments(manifest: Manifest, container: Tree, at: str) -> Iterator[Setting]:
    for key in ("command", "args"):
        words = container.get(key)
        for place, word in enumerate(words if isinstance(words, list | tuple) else ()):
            name, equals, value = word.partition("=") if isinstance(word, str) else ("", "", "")
            if equals and name.startswith("--"):
                where = f"{at}{pointer(key, place)}"
                yield Setting(name=name[2:], value=value, manifest=manifest, at=where)


def no_options(settings: Mapping[str, str]) -> Mapping[str, str]:
    """None: no setting changes a verdict."""
    del settings
    return {}


def no_cap(release: Release) -> int | None:
    """None: a name may have any number of addresses."""
    del release
    return None


def never_staged(manifest: Manifest) -> bool:
    """False: every policy is enforced."""
    del manifest
    return False


def no_status(manifest: Manifest) -> Status | None:
    """None: objects have no conditions."""
    del manifest
    return None


def false_condition(manifest: Manifest, kinds: frozenset[str]) -> Status | None:
    """The condition of one of these types that is false, or None."""
    for at, each in maps(inner(manifest.body, "status"), "conditions", "/status"):
        if text(each, "type") in kinds and text(each, "status") == "False":
            message = text(each, "message") or text(each, "reason") or "no reason is given"
            return Status(at=at, message=message)
    return None
