"""Objects of Calico as its servers give them back, in one form.

Sources: the `omitempty` of `api/pkg/apis/projectcalico/v3`, the defaults of the native definitions,
and `ConvertCalicoResourceToK8sResource` in `libcalico-go`, which keeps metadata in an annotation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from transire.engines.calico.facts import GROUP, STORAGE
from transire.k8s import stored_form
from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import inner, text
from transire.k8s.manifests import Manifest, Tree

METADATA = "projectcalico.org/metadata"
"""The annotation in which Calico stores the metadata of `projectcalico.org/v3`."""
_DEFAULT = "default"
_ENDS = ("source", "destination")
_DEFAULTS = {"stagedAction": "Set", "defaultAction": "Deny"}


def kept(manifest: Manifest) -> Manifest:
    """An object in the form in which it is compared with another, whichever API shows it."""
    if group_of(manifest) not in {GROUP, STORAGE}:
        return stored_form.kept(manifest)
    body = stored_form.without(_as_written(manifest), _is_nothing)
    return replace(manifest, body=stored_form.with_spec(body, _spec))


def _as_written(manifest: Manifest) -> Tree:
    """The object as `projectcalico.org/v3` shows it."""
    body = manifest.body
    if group_of(manifest) != STORAGE:
        return body
    metadata = {**inner(body, "metadata")}
    annotation = text(inner(body, "metadata", "annotations"), METADATA)
    stored = {key: value for key, value in metadata.items() if key != "annotations"}
    spec = inner(body, "spec")
    name = text(metadata, "name")
    if manifest.ref.kind.endswith("Policy") and spec.get("tier", _DEFAULT) == _DEFAULT:
        name = name.removeprefix(f"{_DEFAULT}.")
    written = {**stored, **_decoded(annotation), "name": name}
    if manifest.ref.namespace:
        written["namespace"] = manifest.ref.namespace
    return {**body, "apiVersion": f"{GROUP}/v3", "metadata": written}


def _decoded(annotation: str) -> Mapping[str, Any]:
    """The metadata that an annotation holds; nothing where it does not decode."""
    try:
        found = json.loads(annotation) if annotation else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_nothing(value: object) -> bool:
    return value is None or value is False or value in ([], "")


def _spec(spec: Tree) -> Tree:
    """Without what servers fill in: both ends of a rule, though they say nothing, and defaults."""
    lists = {
        key: [_rule(each) for each in spec[key]]
        for key in ("ingress", "egress")
        if isinstance(spec.get(key), list)
    }
    found = {**spec, **lists}
    return {key: value for key, value in found.items() if _DEFAULTS.get(key) != value}


def _rule(rule: object) -> object:
    if not isinstance(rule, Mapping):
        return rule
    return {key: value for key, value in rule.items() if not (key in _ENDS and value == {})}
