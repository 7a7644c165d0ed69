"""What this program takes an API server to do with one object, and what a real one did."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from support.e2e.client import Answer
from transire.engines.api.reading import Reading
from transire.engines.calico.inputs import Inputs
from transire.engines.calico.objects.releases import Dialect
from transire.engines.calico.reading import read_calico
from transire.engines.cilium.facts import CLUSTERWIDE, POLICY
from transire.engines.cilium.objects.objects import GROUP, stored_group
from transire.engines.cilium.objects.policy import stored
from transire.engines.cilium.objects.schema import policy_shape
from transire.engines.cilium.reading import read as read_cilium
from transire.engines.kubernetes.reading import read as read_networkpolicies
from transire.k8s.manifests import Manifest
from transire.k8s.networkpolicy import is_networkpolicy, parse_networkpolicies
from transire.model.engine import Definitions, Release
from transire.queries.cluster_state import ClusterState

_UNKNOWN = re.compile(r'unknown field \\"(.+?)\\"')
_CALICO = "projectcalico.org/v3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What comes of an object: refused, or stored without some unknown fields.

    `content` is what is stored, in the form that `Predict.content` gives it.
    """

    refused: bool
    pruned: tuple[str, ...] = ()
    content: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict:
    """One engine: how it reads objects, and what it takes to be stored of one."""

    read: Callable[[Manifest, Mapping[str, str]], Reading]
    kept: Callable[[Manifest], object]
    nulls: Callable[[Manifest], Sequence[str]]
    """Nulls that creating drops, and a server-side apply refuses."""

    def given(self, body: Mapping[str, Any], options: Mapping[str, str]) -> Form:
        """What is predicted of an object that a client hands in, under an agent's options."""
        manifest = _manifest(body)
        reading = self.read(manifest, options)
        if any(each.by == "api-server" for each in reading.refused):
            return Form(refused=True)
        pruned = tuple(sorted(each.path for each in reading.pruned))
        return Form(refused=False, pruned=pruned, content=self._kept(manifest))

    def applied(self, body: Mapping[str, Any], options: Mapping[str, str]) -> bool:
        """Whether a server-side apply is taken: nothing is refused, unknown, or null."""
        form = self.given(body, options)
        return not (form.refused or form.pruned or self.nulls(_manifest(body)))

    def found(self, answer: Answer) -> Form:
        """What a lenient create did; any other failure than a refusal ends the test."""
        if not answer.ok:
            assert answer.code in {400, 422}, answer
            return Form(refused=True)
        pruned = {_pointer(each) for each in _UNKNOWN.findall(answer.warnings)}
        content = self._content(answer.object())
        return Form(refused=False, pruned=tuple(sorted(pruned)), content=content)

    def _kept(self, manifest: Manifest) -> object:
        return _meaning(manifest) if is_networkpolicy(manifest) else self.kept(manifest)

    def _content(self, body: Mapping[str, Any]) -> object:
        if is_networkpolicy(manifest := _manifest(body)):
            return _meaning(manifest)
        if self.kept(manifest) is None:
            return None
        return {key: body[key] for key in ("spec", "specs") if key in body}


def of_kubernetes(release: Release) -> Predict:
    """A release of Kubernetes."""
    return Predict(
        read=lambda manifest, _: read_networkpolicies([manifest], release, ClusterState()),
        kept=lambda _: None,
        nulls=lambda _: (),
    )


def of_cilium(release: Release) -> Predict:
    """A release of Cilium."""
    assert release.version is not None

    def kept(manifest: Manifest) -> object:
        if manifest.ref.kind == GROUP:
            return stored_group(manifest).value
        if manifest.ref.kind not in {POLICY, CLUSTERWIDE}:
            return None
        clusterwide = manifest.ref.kind == CLUSTERWIDE
        return stored(manifest, shape, clusterwide=clusterwide).value

    def nulls(manifest: Manifest) -> Sequence[str]:
        if manifest.ref.kind not in {POLICY, CLUSTERWIDE}:
            return ()
        return stored(manifest, shape, clusterwide=manifest.ref.kind == CLUSTERWIDE).nulls

    shape = policy_shape(release.version.minor)
    return Predict(
        read=lambda manifest, options: read_cilium([manifest], release, ClusterState(), options),
        kept=kept,
        nulls=nulls,
    )


def of_calico(dialect: Dialect) -> Predict:
    """A release of Calico with native definitions, the only ones that an API server has."""
    cluster = ClusterState(definitions=Definitions.NATIVE)

    def kept(manifest: Manifest) -> object:
        inputs = Inputs(dialects=(dialect.natively(),), product="calico")
        inputs.add(manifest)
        if manifest.api_version != _CALICO or not inputs.calico:
            return None
        [one] = inputs.calico
        given = manifest.body.get("spec") is not None
        return {"spec": {**_defaults(manifest.ref.kind), **one.spec}} if given else {}

    def nulls(manifest: Manifest) -> Sequence[str]:
        inputs = Inputs(dialects=(dialect.natively(),), product="calico")
        inputs.add(manifest)
        return [null for each in inputs.calico for null in each.decoded.nulls]

    return Predict(
        read=lambda manifest, _: read_calico([manifest], (dialect,), cluster, product="calico"),
        kept=kept,
        nulls=nulls,
    )


def _defaults(kind: str) -> dict[str, str]:
    """What the definitions add where it is not given."""
    if kind == "Tier":
        return {"defaultAction": "Deny"}
    tier = {"tier": "default"} if "Policy" in kind and "Kubernetes" not in kind else {}
    return {**tier, **({"stagedAction": "Set"} if kind.startswith("Staged") else {})}


def _manifest(body: Mapping[str, Any]) -> Manifest:
    return Manifest(source="object", index=0, body=body)


def _meaning(manifest: Manifest) -> object:
    """A NetworkPolicy as it is understood, which is the same before and after it is stored."""
    return [
        (each.pods, each.types, each.egress) for each in parse_networkpolicies([manifest]).policies
    ]


def _pointer(path: str) -> str:
    """`spec.egress[0].x` as a JSON pointer."""
    return "/" + re.sub(r"[.\[]", "/", path).replace("]", "")
