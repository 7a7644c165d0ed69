"""What the objects of Istio have in common: their names, whom they are exported to, their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transire.k8s.manifests import ObjectRef
from transire.k8s.unmodelled import Unmodelled
from transire.points.istio.objects.host_rules import is_namespace
from transire.points.istio.objects.part import Part

PUBLIC = "*"
PRIVATE = "."
NOBODY = "~"
MESH = "mesh"
"""The name of all sidecars among gateways."""
DRY_RUN = "istio.io/dry-run"
"""The annotation that makes a policy enforce nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every object has; `created` is its time of creation, empty where it has none yet."""

    ref: ObjectRef
    created: str
    unmodelled: tuple[Unmodelled, ...]

    @property
    def namespace(self) -> str:
        """The namespace of the object."""
        return self.ref.namespace

    @property
    def order(self) -> tuple[str, str, str]:
        """The older object first, then by name and namespace."""
        return self.created, self.ref.name, self.ref.namespace

    def judged(self) -> None:
        """Make sure that all of the object is modelled.

        Raises:
            Unjudgeable: if something in it is not.
        """
        for each in self.unmodelled:
            raise each.error()


def read_export(spec: Part, namespace: str, *, nobody: bool = False) -> tuple[str, ...]:
    """`exportTo` as Istio takes it; an empty list is the same as none."""
    listed = spec.texts("exportTo")
    keys = [namespace if each == PRIVATE else each for each in listed]
    for place, each in enumerate(listed):
        known = each in {PUBLIC, PRIVATE} or (nobody and each == NOBODY)
        if not known and not is_namespace(each):
            spec.fault(f"{each[:80]!r} is neither '.', '*' nor a namespace", "exportTo", place)
        if keys.index(keys[place]) != place:
            spec.fault(f"has {each!r} twice", "exportTo", place)
    if len(listed) > 1 and PUBLIC in listed:
        spec.fault("has '*' beside others", "exportTo")
    if len(listed) > 1 and NOBODY in listed:
        spec.fault("has '~' beside others", "exportTo")
    return listed


def is_exported(export: Iterable[str], default: Iterable[str], *, owner: str, to: str) -> bool:
    """Whether an object of a namespace is seen from another."""
    listed = tuple(export) or tuple(default)
    return PUBLIC in listed or to in listed or (PRIVATE in listed and owner == to)
