"""An admission policy for the objects that publish: nothing is added to them that bends a chart.

What heals those objects replaces a text, a flag or a list that is written, and leaves what somebody
adds to a map. The policy refuses such additions, whoever makes them: it looks at content alone, and
no object of ours ever has it. What an object had before passes, so that controllers can go on
writing its status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from transire.charts.layout import PART_OF, US
from transire.delivery.gitops.manifests_file import Object, named
from transire.yamlio import YamlTree

_API = "admissionregistration.k8s.io/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedKind:
    """A kind that publishes, and the paths of fields that stay empty, by what empty is in CEL."""

    group: str
    resource: str
    kind: str
    maps: tuple[str, ...]
    lists: tuple[str, ...]
    texts: tuple[str, ...] = ()

    def fields(self) -> Iterator[tuple[str, str]]:
        """Each path with what is nothing there."""
        yield from ((path, "{}") for path in self.maps)
        yield from ((path, "[]") for path in self.lists)
        yield from ((path, '""') for path in self.texts)


APPLICATION = GuardedKind(
    group="argoproj.io",
    resource="applications",
    kind="Application",
    maps=(
        "spec.source.helm.valuesObject",
        "spec.source.kustomize",
        "spec.source.plugin",
        "spec.sourceHydrator",
    ),
    lists=("spec.sources",),
    texts=("spec.source.chart", "spec.source.helm.values"),
)
FLUX_KINDS = (
    GuardedKind(
        group="helm.toolkit.fluxcd.io",
        resource="helmreleases",
        kind="HelmRelease",
        maps=(
            "spec.values",
            "spec.kubeConfig",
            "spec.commonMetadata",
            "spec.install.remediation",
            "spec.upgrade.remediation",
        ),
        lists=("spec.valuesFrom", "spec.postRenderers"),
    ),
    GuardedKind(
        group="kustomize.toolkit.fluxcd.io",
        resource="kustomizations",
        kind="Kustomization",
        maps=("spec.postBuild", "spec.kubeConfig", "spec.commonMetadata"),
        lists=("spec.patches", "spec.images", "spec.components", "spec.ignore"),
        texts=("spec.targetNamespace", "spec.namePrefix", "spec.nameSuffix"),
    ),
)
"""Kustomizations are those that a person applies with the label of ours, as the docs show."""


def guard(name: str, kinds: Iterable[GuardedKind]) -> tuple[Object, ...]:
    """The policy of that name for these kinds, and its binding; Kubernetes has both from 1.30."""
    kinds = tuple(kinds)
    policy = named(api=_API, kind="ValidatingAdmissionPolicy", name=name)
    binding = named(api=_API, kind="ValidatingAdmissionPolicyBinding", name=name)
    spec: Object = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [_rule(each) for each in kinds]},
        "matchConditions": [{"name": "ours", "expression": _either(_is_ours)}],
        "validations": [each for kind in kinds for each in _validations(kind)],
    }
    return (
        {**policy, "spec": spec},
        {**binding, "spec": {"policyName": name, "validationActions": ["Deny"]}},
    )


def _rule(kind: GuardedKind) -> YamlTree:
    return {
        "apiGroups": [kind.group],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": [kind.resource],
        "scope": "*",  # what is left out of a list, the server adds
    }


def _either(holds: Callable[[str], str]) -> str:
    """Whether it holds for the object as it is to be, or as it was."""
    return f"{holds('object')} || (oldObject != null && {holds('oldObject')})"


def _is_ours(which: str) -> str:
    return f'{which}.metadata.?labels[?"{PART_OF}"].orValue("") == "{US}"'


def _validations(kind: GuardedKind) -> Iterator[YamlTree]:
    for path, nothing in kind.fields():
        now, before = (_value(which, path, nothing) for which in ("object", "oldObject"))
        yield {
            "expression": f'request.resource.resource != "{kind.resource}" || {now} == {nothing} '
            f"|| (oldObject != null && {now} == {before})",
            "message": f"{path} of this {kind.kind} would change what is published from Git; "
            "change it there",
            "reason": "Forbidden",
        }


def _value(which: str, path: str, nothing: str) -> str:
    return f"{which}.?{path.replace('.', '.?')}.orValue({nothing})"
