"""Find label keys that no pod has, though they look as if every pod had them.

What it does: reports `k8s.io.kubernetes.pod.namespace` and its kin, with a dot between the source
and the key, and `kubernetes.io/metadata.name`, a label of namespaces, in selectors of Cilium.
Why is this bad? The selector fits nothing: a rule for the resolver then opens no lookup, and a
policy governs no pod.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {kubernetes.io/metadata.name: bank, app: ledger}}]
        toPorts: [{ports: [{port: "8080", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": bank, app: ledger}}]
        toPorts: [{ports: [{port: "8080", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.cilium.lint_policies import is_policy, mistaken_labels
from transire.k8s.json_pointer import find
from transire.k8s.manifests import Manifest
from transire.k8s.typed_decoding import pointer
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.cilium import on_cilium
from transire.review.lint.wording import clipped

ID = "label-no-pod-has"
LEVEL = Level.ERROR
APPLIES = on_cilium
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every such key of a policy's own selector and of its destinations."""
    for policy in context.policies:
        if not is_policy(policy.manifest):
            continue
        places = [policy.subject_at, *(peer.at for rule in policy.rules for peer in rule.pods)]
        for at in dict.fromkeys(places):
            for key, wanted in mistaken_labels(find(policy.manifest.body, _above(at)), at).items():
                yield _found(policy.manifest, at, key, wanted)


def _above(at: str) -> str:
    """The pointer to what the last two steps of another start from."""
    return at.rsplit("/", 2)[0]


def _found(manifest: Manifest, at: str, key: str, wanted: str) -> RuleMatch:
    labels = find(manifest.body, f"{at}/matchLabels")
    written = isinstance(labels, dict) and key in labels
    return RuleMatch(
        manifest=manifest,
        path=f"{at}/matchLabels{pointer(key)}" if written else at,
        message=f"no pod has the label {clipped(key)}, so the selector fits nothing",
        help=f"the label that pods have is {wanted}; decide whether these are meant",
    )
