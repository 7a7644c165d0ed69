"""Policies of one namespace, and what `import` makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from transire.api import import_policies
from transire.commands.importing.results import ImportedPolicies

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
DNS = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: dns, namespace: shop}
spec:
  endpointSelector: {}
  egress:
    - toEndpoints:
        - matchLabels: {k8s:io.kubernetes.pod.namespace: kube-system, k8s-app: kube-dns}
      toPorts:
        - ports: [{port: "53", protocol: UDP}, {port: "53", protocol: TCP}]
          rules: {dns: [{matchPattern: "*"}]}
"""
STRIPE = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: stripe, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: checkout}}
  egress:
    # charge cards
    - toFQDNs: [{matchName: api.stripe.com}]
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""


def imported(
    folder: Path,
    *texts: str,
    engine: str = "cilium@1.19",
    **more: Any,  # noqa: ANN401 - the arguments of the verb
) -> ImportedPolicies:
    """What becomes of some documents, in a folder that holds nothing else."""
    path = folder / "policies.yaml"
    path.write_text("---\n".join(texts), encoding="utf-8")
    root = more.pop("root", folder / "repository")
    root.mkdir(exist_ok=True)
    return import_policies(root, path, engine=engine, **more)


def left_out(found: ImportedPolicies) -> list[tuple[str, str, str]]:
    """What is left out: object, pointer and reason."""
    return [(str(each.object), each.pointer, each.why) for each in found.left_out]


def policy(rule: str, name: str = "one", more: str = "") -> str:
    """A policy of namespace shop with one egress rule in one line."""
    return (
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: shop}}\n"
        "spec:\n  endpointSelector: {matchLabels: {app: web}}\n"
        f"{more}  egress: [{rule}]\n"
    )


def written(found: ImportedPolicies, team: str = "shop") -> str:
    """The file of a team as it would be."""
    edits = {each.path: each.after.decode() for each in found.edits}
    return edits[f"values/teams/{team}.yaml"]


def many(folder: Path, rules: Iterable[str]) -> ImportedPolicies:
    """What becomes of rules, each in a namespace of its own."""
    texts = [
        text.replace("namespace: shop", f"namespace: shop-{number}")
        for number, rule in enumerate(rules)
        for text in (DNS, policy(rule))
    ]
    return imported(folder, *texts)
