"""Objects as a cluster has them, without what the API server and controllers write into them.

What a rendered object has is compared; what others add beside spec, labels and annotations of ours
is theirs. What an engine reads is another matter: there every label counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from transire.charts.layout import PART_OF, US
from transire.engines.registry import policy_kinds
from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import inner, maps, plain, text
from transire.k8s.manifests import Manifest, Tree
from transire.k8s.typed_decoding import pointer

_KEPT = ("apiVersion", "kind", "spec", "specs")
_TOP = ("labels", "annotations")
_ADMISSION = "admissionregistration.k8s.io"
_MOST_POINTERS = 3

Keep = Callable[[Manifest], Manifest]
"""Gives an object in the form in which an engine's objects are compared."""


class Whose(StrEnum):
    """Where an object that the values do not have is from."""

    LEFTOVER = "leftover"
    """It has our label: a release that is gone, or a name that is."""
    FOREIGN = "foreign"
    """Somebody else's, a policy of break-glass among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A policy that the values do not have: whose it is, and since when it is there."""

    manifest: Manifest
    whose: Whose
    since: datetime | None

    @property
    def shown(self) -> str:
        """Kind, namespace and name."""
        return str(self.manifest.ref)

    def age(self, now: datetime) -> str:
        """`3 days old`, `less than a day old`, or why that is not known."""
        if self.since is None:
            return "of unknown age"
        days = (now - self.since).days
        if days < 0:
            return "of a time to come"
        return f"{days} {'day' if days == 1 else 'days'} old" if days else "less than a day old"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Something that the cluster says of an object: it is on its way out, or was not accepted."""

    object: str
    why: str


Key = tuple[str, str, str, str]
"""API group, kind, namespace and name."""


def key_of(manifest: Manifest) -> Key:
    """By what an object is found on both sides; versions of one group have the same objects."""
    ref = manifest.ref
    return group_of(manifest), ref.kind, ref.namespace, ref.name


def policies_of(given: Iterable[Manifest]) -> tuple[Manifest, ...]:
    """The network policies among some objects, and what they are made of, numbered anew."""
    return _numbered(each for each in given if _is_policy(each))


def ours_of(given: Iterable[Manifest]) -> tuple[Manifest, ...]:
    """Those, and what guards them at admission where it has the label of ours."""
    return _numbered(
        each
        for each in given
        if _is_policy(each) or (group_of(each) == _ADMISSION and is_ours(each))
    )


def shown_once(live: Iterable[Manifest], keep: Keep) -> tuple[Manifest, ...]:
    """The objects without those of a storage that another API shows as well."""
    found = [(each, keep(each)) for each in live]
    plainly = {key_of(each) for each, kept in found if group_of(each) == group_of(kept)}
    return _numbered(
        each
        for each, kept in found
        if group_of(each) == group_of(kept) or key_of(kept) not in plainly
    )


def _numbered(found: Iterable[Manifest]) -> tuple[Manifest, ...]:
    return tuple(replace(each, index=index) for index, each in enumerate(found))


def _is_policy(manifest: Manifest) -> bool:
    kinds = policy_kinds().get(group_of(manifest))
    return kinds is not None and kinds.has(manifest)


def as_read(live: Manifest) -> Manifest:
    """A stored object with what engines read of one."""
    return replace(live, body=plain({**_head(live), "metadata": _metadata(live, None)}))


def as_compared(live: Manifest, rendered: Manifest, keep: Keep) -> Manifest:
    """A stored object with nothing but what the rendered one could have."""
    found = keep(live)
    metadata = _metadata(found, keep(rendered))
    return replace(found, body=plain({**_head(found), "metadata": metadata}))


def _head(live: Manifest) -> dict[str, object]:
    return {key: live.body[key] for key in _KEPT if key in live.body}


def _metadata(live: Manifest, rendered: Manifest | None) -> dict[str, object]:
    """Name and namespace, and of labels and annotations all, or those that another object has."""
    metadata: dict[str, object] = {"name": live.ref.name}
    if live.ref.namespace:
        metadata["namespace"] = live.ref.namespace
    for part in _TOP:
        found = inner(live.body, "metadata", part)
        wanted = found if rendered is None else inner(rendered.body, "metadata", part)
        kept = {key: value for key, value in found.items() if key in wanted}
        if kept:
            metadata[part] = kept
    return metadata


def differences(live: Manifest, rendered: Manifest, keep: Keep) -> tuple[str, ...]:
    """Pointers to the first places in which a stored object is not as it is rendered."""
    found = _differing(keep(rendered).body, as_compared(live, rendered, keep).body, "")
    return tuple(where for where, _ in zip(found, range(_MOST_POINTERS), strict=False))


def _differing(one: object, other: object, at: str) -> Iterator[str]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted({*one, *other}):
            if key in one and key in other:
                yield from _differing(one[key], other[key], at + pointer(key))
            else:
                yield at + pointer(key)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differing(left, right, at + pointer(place))
    elif one != other:
        yield at


def is_ours(manifest: Manifest) -> bool:
    """Whether an object has the label of ours."""
    return inner(manifest.body, "metadata", "labels").get(PART_OF) == US


def strangers(live: Mapping[Key, Manifest], known: Iterable[Key], keep: Keep) -> Iterator[Stranger]:
    """The policies that the values do not have."""
    for key in live.keys() - set(known):
        shown = keep(live[key])
        yield Stranger(
            manifest=live[key],
            whose=Whose.LEFTOVER if is_ours(shown) else Whose.FOREIGN,
            since=_time(shown.body, "creationTimestamp"),
        )


def _time(body: Tree, key: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text(inner(body, "metadata"), key))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def going(live: Iterable[Manifest]) -> Iterator[State]:
    """The objects that are being deleted, and are there as long as a finalizer holds them."""
    for each in live:
        written = inner(each.body, "metadata").get("deletionTimestamp")
        if written is not None:
            yield State(object=str(each.ref), why=f"since {written}")


def not_accepted(manifest: Manifest) -> State | None:
    """Why what enforces policies does not accept a stored one; None where it did not say so."""
    for _, each in maps(inner(manifest.body, "status"), "conditions", ""):
        if each.get("type") == "Valid" and each.get("status") == "False":
            why = text(each, "message") or text(each, "reason") or "without a reason"
            return State(object=str(manifest.ref), why=why)
    return None
