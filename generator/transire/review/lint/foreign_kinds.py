"""Kinds that one engine enforces and another does not."""

from __future__ import annotations

from transire.engines.registry import engine_of, policy_kinds
from transire.k8s.api_kinds import group_of
from transire.k8s.manifests import Manifest
from transire.model.engine import Release


def foreign_to(release: Release, manifest: Manifest) -> bool:
    """Whether the object is network policy, or part of it, that the engine never reads."""
    group = group_of(manifest)
    kinds = policy_kinds().get(group)
    mine = group in engine_of(release).view.groups
    return not mine and kinds is not None and kinds.has(manifest)
