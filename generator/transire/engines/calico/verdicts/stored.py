"""One object as it is written, and what a release makes of it by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from transire.engines.calico.facts import ENFORCED, SETS
from transire.engines.calico.objects.felix import Failure, Fate, policy_failure, set_failure
from transire.engines.calico.objects.from_cluster_policy import dropped_port
from transire.engines.calico.objects.kept_form import METADATA
from transire.engines.calico.objects.object_validation import native_fault, object_fault
from transire.engines.calico.objects.releases import Dialect
from transire.engines.calico.objects.rule_compiler import compile_rule, policy_selector
from transire.engines.calico.objects.rules import CalicoRule
from transire.engines.calico.objects.selector import Labels, Selector
from transire.engines.calico.objects.selector_grammar import IntricateSelectorError, SelectorError
from transire.k8s.cluster_policies import EDITIONS, cluster_policy_fault
from transire.k8s.manifests import ObjectRef, Tree
from transire.k8s.typed_decoding import Decoded
from transire.k8s.unmodelled import Unmodelled
from transire.queries.query import Caveat


class Form(Enum):
    """The API group in which an object is written."""

    V3 = "projectcalico.org/v3"
    STORAGE = "crd.projectcalico.org/v1"
    """Calico's own storage: neither checked by the API server of Calico nor given defaults."""


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """An object of Calico or cluster-wide policy, decoded by its kind's shape.

    `manifest` is its place. What it comes to is worked out once, for all releases and beside
    whatever other objects.
    """

    manifest: int
    object: ObjectRef
    decoded: Decoded
    form: Form = Form.V3
    repeated: tuple[str, ...] = ()
    """Pointers to keys that stand twice."""
    faults: dict[Dialect, str] = field(default_factory=dict, compare=False, repr=False)
    failures: dict[Dialect, Failure | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def namespace(self) -> str:
        """The namespace of the pods that a policy is for; empty for those of any."""
        return "" if "Global" in self.object.kind else self.object.namespace

    @property
    def spec(self) -> Tree:
        """Its spec, empty where it has none."""
        found: Tree = self.decoded.value.get("spec", {})
        return found

    @property
    def labels(self) -> Mapping[str, str] | None:
        """Its labels; None where the storage form has them in an annotation that does not decode.

        There Calico keeps the metadata of what was written through its API.
        """
        meta = self.decoded.value.get("metadata", {})
        found: Mapping[str, str] = meta.get("labels", {})
        kept = meta.get("annotations", {}).get(METADATA) if self.form is Form.STORAGE else None
        return found if kept is None else labels_kept(kept)

    def is_checked(self, dialect: Dialect) -> bool:
        """Whether Calico's API server looked at it before it was stored."""
        return self.form is Form.V3 and not dialect.native

    def fault(self, dialect: Dialect) -> str:
        """What the API server refuses first in the object alone, or the empty string."""
        found = self.faults.get(dialect)
        if found is None:
            found = self.faults[dialect] = self._fault(dialect)
        return found

    def _fault(self, dialect: Dialect) -> str:
        kind, body = self.object.kind, self.decoded.value
        if kind in EDITIONS:
            return cluster_policy_fault(kind, body)
        if self.form is Form.STORAGE:
            return native_fault(kind, body, dialect.natively(), needs_spec=False)
        return object_fault(kind, body, dialect)

    def failure(self, dialect: Dialect) -> Failure | None:
        """Why Felix does not enforce a policy or set that the cluster took; None where it does."""
        if dialect not in self.failures:
            self.failures[dialect] = self._failure(dialect)
        return self.failures[dialect]

    def _failure(self, dialect: Dialect) -> Failure | None:
        kind = self.object.kind
        if kind in SETS:
            return set_failure(self.spec)
        if kind in EDITIONS:
            why = dropped_port(kind, self.spec)
            return Failure(Fate.DROPPED, why) if why else None
        if kind.removeprefix("Staged") in ENFORCED:
            return policy_failure(self.spec, namespaced=bool(self.namespace), dialect=dialect)
        return None

    def governs_egress(self, dialect: Dialect) -> bool:
        """Whether `types` after defaulting name Egress.

        Without types, API servers take the directions that have rules, native definitions those
        that are written, and both take Ingress where neither is; in its own storage Calico takes
        both.
        """
        types = self.spec.get("types", [])
        if types:
            return "Egress" in types
        if self.form is Form.STORAGE:
            return True
        return "egress" in self.spec if dialect.native else bool(self.spec.get("egress"))

    @property
    def governed(self) -> Selector | None:
        """The pods that a policy selects; None where that is not known, or it is no policy."""
        if self.object.kind not in ENFORCED:
            return None
        try:
            return policy_selector(self.spec, self.namespace)
        except (SelectorError, IntricateSelectorError):
            return None

    @cached_property
    def ruling(self) -> tuple[Selector, tuple[CalicoRule, ...]]:
        """The pods that a policy without faults selects, and its rules that match anything.

        Raises:
            IntricateSelectorError: if a selector nests too deep to follow.
        """
        rules = (
            compile_rule(rule, f"/spec/egress/{place}", namespace=self.namespace, of=self.object)
            for place, rule in enumerate(self.spec.get("egress", ()))
        )
        return policy_selector(self.spec, self.namespace), tuple(filter(None, rules))


def labels_kept(text: str) -> Mapping[str, str] | None:
    """The labels in the annotation of the storage form, or None where it does not decode."""
    try:
        kept = json.loads(text)
    except (ValueError, RecursionError):
        return None
    labels = kept.get("labels", {}) if isinstance(kept, dict) else None
    if isinstance(labels, dict) and all(isinstance(each, str) for each in labels.values()):
        return labels
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopedUnmodelled:
    """A doubt about an object; with a namespace it concerns pods of that namespace only."""

    entry: Unmodelled
    namespace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What to know about an object that is judged.

    With a namespace or a selector it concerns only pods of that namespace that may be selected.
    """

    caveat: Caveat
    namespace: str = ""
    selector: Selector | None = None

    def concerns(self, namespace: str, labels: Labels) -> bool:
        """Whether a pod of this namespace with these labels may be concerned."""
        if self.namespace not in {"", namespace}:
            return False
        return self.selector is None or self.selector.holds(labels) is not False
