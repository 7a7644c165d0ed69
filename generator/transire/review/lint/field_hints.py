"""Whose a field is that an object may not have, and which field was meant.

Every engine gives the fields of its objects from the schema that it judges with. A field is one of
another API if that has it in the same place and its own has none of the name. Since people mix up
places as well, it also is if the name is distinctive: a plain word that the API is known by, or
several words that it alone has near the top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache

from transire.engines.api.policy_view import PolicyApi
from transire.engines.registry import ENGINES, engine_of
from transire.k8s.cluster_policies import DISTINCTIVE_FIELDS, EDITIONS, EXPERIMENTAL, TITLE
from transire.k8s.json_pointer import shape_of
from transire.k8s.manifests import Manifest
from transire.k8s.typed_decoding import field_names
from transire.model.engine import Release

_LONGEST = 40
"""Longest key that is compared with the known fields."""
_NEAR, _DEEP = 3, 8
"""How many keys lead to the fields of a destination, and to the deepest of any schema."""
_SPEC = "spec"

_Fields = Callable[[Sequence[str]], frozenset[str]]
"""The names of fields where keys lead from the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """The fields of one API: near the top, at any depth, and its distinctive plain words."""

    title: str
    fields: _Fields
    distinctive: frozenset[str]
    near: frozenset[str]
    names: frozenset[str]


def siblings(manifest: Manifest, path: str, release: Release) -> tuple[str, ...]:
    """The fields that the release has where the pointer leads, as far as they are known."""
    api = engine_of(release).view.api_of(manifest)
    return api.fields(manifest.ref.kind, _way(path)[:-1], release) if api else ()


def meant(written: str, names: Iterable[str]) -> str:
    """The known field that was probably meant, or the empty string."""
    if len(written) > _LONGEST:
        return ""
    fields = {each.lower(): each for each in names}
    close = get_close_matches(written.lower(), list(fields), n=1, cutoff=0.75)
    return fields[close[0]] if close else ""


def owner(manifest: Manifest, path: str, release: Release) -> str:
    """Whose field it is, for people, or the empty string where nobody's is known."""
    way, api = _way(path), engine_of(release).view.api_of(manifest)
    if api is None or not way:
        return ""
    elsewhere = api.where_else(manifest.ref.kind, way, release)
    if elsewhere or way[0] != _SPEC:
        return elsewhere
    *holder, name = way
    others = list(_others(api))
    distinctive = [each.title for each in others if name in each.distinctive]
    if name in _names(api, manifest.ref.kind, release):
        return distinctive[0] if distinctive else ""
    in_place = [each.title for each in others if name in each.fields(holder)]
    if in_place or distinctive:
        return (in_place or distinctive)[0]
    return "" if name.islower() else _only_owner(name, others)


def _way(path: str) -> list[str]:
    """The keys of a pointer; an item of `specs` is a spec."""
    way = shape_of(path)
    return [_SPEC, *way[1:]] if way[:1] == ["specs"] else way


def _only_owner(name: str, others: Sequence[_Source]) -> str:
    """The one API that has the name; what every engine reads goes before the rest."""
    shared, *_ = others
    having = [shared] if name in shared.near else [each for each in others if name in each.names]
    return having[0].title if len(having) == 1 and name in having[0].near else ""


def _others(own: PolicyApi) -> Iterator[_Source]:
    """The other APIs: first what every engine reads, last what none does.

    Where two have the same kinds, the second counts for what it has beyond the first.
    """
    apis = {
        each.title: (each, engine.releases.newest)
        for engine in ENGINES.values()
        for each in reversed(engine.view.apis)
    }
    seen: dict[object, frozenset[str]] = {}
    for api, release in apis.values():
        source, before = _source(api, release), seen.get(api.kinds, frozenset())
        seen[api.kinds] = before | source.names
        if api.title != own.title:
            names, near = source.names - before, source.near - before
            yield replace(source, names=names, near=near)
    yield _cluster_policies()


@cache
def _source(api: PolicyApi, release: Release) -> _Source:
    kinds = sorted({kind for each in api.kinds for kind in each.policies | each.parts})

    def fields(way: Sequence[str]) -> frozenset[str]:
        return frozenset(name for kind in kinds for name in api.fields(kind, way, release))

    return _Source(
        title=api.title,
        fields=fields,
        distinctive=api.distinctive_fields,
        near=_below(fields, (_SPEC,), _NEAR),
        names=_below(fields, (), _DEEP),
    )


@cache
def _cluster_policies() -> _Source:
    def fields(way: Sequence[str]) -> frozenset[str]:
        return frozenset(
            name for each in EDITIONS.values() for name in field_names(each.shape, way)
        )

    return _Source(
        title=TITLE,
        fields=fields,
        distinctive=DISTINCTIVE_FIELDS,
        near=_below(fields, (_SPEC,), _NEAR) | EXPERIMENTAL,
        names=_below(fields, (), _DEEP) | EXPERIMENTAL,
    )


@cache
def _names(api: PolicyApi, kind: str, release: Release) -> frozenset[str]:
    """The names of all fields that a kind has."""
    return _below(lambda way: frozenset(api.fields(kind, way, release)), (), _DEEP)


def _below(fields: _Fields, way: tuple[str, ...], depth: int) -> frozenset[str]:
    """The names of all fields to which at most so many keys lead from the top."""
    found = fields(way)
    deeper = (_below(fields, (*way, each), depth) for each in found) if len(way) < depth else ()
    return found.union(*deeper)
