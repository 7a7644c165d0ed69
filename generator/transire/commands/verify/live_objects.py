"""Objects as a cluster has them, without what the API server and controllers write into them.

What a rendered object has is compared; what others add beside spec, labels and annotations of ours
is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from transire.charts.layout import PART_OF, US
from transire.engines.registry import policy_kinds
from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import inner, plain, text
from transire.k8s.manifests import Manifest, Tree

_KEPT = ("apiVersion", "kind", "spec", "specs")
_TOP = ("labels", "annotations")


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
        """`3 days old`, or `of unknown age`."""
        if self.since is None:
            return "of unknown age"
        days = (now - self.since).days
        return f"{days} {'day' if days == 1 else 'days'} old"


Key = tuple[str, str, str, str]
"""API group, kind, namespace and name."""


def key_of(manifest: Manifest) -> Key:
    """By what an object is found on both sides; versions of one group have the same objects."""
    ref = manifest.ref
    return group_of(manifest), ref.kind, ref.namespace, ref.name


def policies_of(given: Iterable[Manifest]) -> tuple[Manifest, ...]:
    """The network policies among some objects, and what they are made of, numbered anew."""
    kinds = policy_kinds()
    found = [
        each for each in given if (group := group_of(each)) in kinds and kinds[group].has(each)
    ]
    return tuple(replace(each, index=index) for index, each in enumerate(found))


def as_rendered(live: Manifest, rendered: Manifest | None) -> Manifest:
    """A stored object with nothing but what could have been rendered.

    Of labels and annotations those stay that the rendered object has; without one, all labels.
    """
    body: dict[str, object] = {key: live.body[key] for key in _KEPT if key in live.body}
    if body.get("specs") in ([], None):
        body.pop("specs", None)
    metadata: dict[str, object] = {"name": live.ref.name}
    if live.ref.namespace:
        metadata["namespace"] = live.ref.namespace
    for part in _TOP:
        found = inner(live.body, "metadata", part)
        wanted = inner(rendered.body, "metadata", part) if rendered else {}
        kept = {key: value for key, value in found.items() if key in wanted}
        if kept:
            metadata[part] = kept
    return replace(live, body=plain({**body, "metadata": metadata}))


def without_empties(rendered: Manifest) -> Manifest:
    """A rendered object as servers keep it: an empty `specs` is none."""
    body = dict(rendered.body)
    if body.get("specs") == []:
        body.pop("specs")
    return replace(rendered, body=body)


def is_ours(manifest: Manifest) -> bool:
    """Whether an object has the label of ours."""
    return inner(manifest.body, "metadata", "labels").get(PART_OF) == US


def strangers(live: Iterable[Manifest], known: Mapping[Key, Manifest]) -> Iterator[Stranger]:
    """The policies that the values do not have."""
    for each in live:
        if key_of(each) not in known:
            yield Stranger(
                manifest=each,
                whose=Whose.LEFTOVER if is_ours(each) else Whose.FOREIGN,
                since=_created(each.body),
            )


def _created(body: Tree) -> datetime | None:
    written = text(inner(body, "metadata"), "creationTimestamp")
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnheldPod:
    """A pod that no policy of ours holds, and why."""

    namespace: str
    name: str
    why: str


def unheld_pods(given: Iterable[Manifest], enrolled: frozenset[str]) -> tuple[UnheldPod, ...]:
    """The pods among some objects that are on the host's network, or in no enrolled namespace."""
    found = []
    for each in given:
        if each.ref.kind != "Pod" or group_of(each) != "":
            continue
        namespace = each.ref.namespace or "default"
        if inner(each.body, "spec").get("hostNetwork") is True:
            found.append(
                UnheldPod(namespace=namespace, name=each.ref.name, why="on the host's network")
            )
        elif namespace not in enrolled:
            found.append(UnheldPod(namespace=namespace, name=each.ref.name, why="not enrolled"))
    return tuple(sorted(found, key=lambda pod: (pod.namespace, pod.name)))
