"""What Helm rendered, as proofs take it."""

from __future__ import annotations

from collections.abc import Mapping

from transire.k8s.manifests import Manifest

Manifests = Mapping[tuple[str, str], str]
"""Rendered text by the chart's place and the target's name."""

Objects = Mapping[tuple[str, str], tuple[Manifest, ...]]
"""What such texts hold."""
