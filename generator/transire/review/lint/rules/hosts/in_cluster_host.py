"""Find names of the cluster's own services in host rules.

What it does: reports hosts such as `ledger.bank.svc.cluster.local`, and names of one label; not
those of a given service without selector that leads outside.
Why is this bad? Host rules only open addresses outside the cluster: behind a service stand pods,
which they never match.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system}}]
        toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "*"}]}}]
      - toFQDNs: [{matchName: ledger.bank.svc.cluster.local}]
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

from transire.k8s.json_pointer import inner
from transire.model.problems import Level
from transire.review.lint.applicability import with_hosts
from transire.review.lint.context import LintContext, namespace_of
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import clipped

ID = "in-cluster-host"
LEVEL = Level.ERROR
APPLIES = with_hosts
EXAMPLE = "cilium@1.19"

_ENDS = (".svc", ".cluster.local", ".svc.cluster")


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every host that only the cluster itself resolves, to addresses of pods."""
    outside = set(_outside(context))
    for manifest, host in context.hosts():
        short = "." not in host.text and ":" not in host.text and host.text.strip("*")
        if (short or host.text.endswith(_ENDS)) and _service(host.text) not in outside:
            yield RuleMatch(
                manifest=manifest,
                path=host.at,
                message=f"{clipped(host.text)} is a name inside the cluster, and host rules never "
                "match pods",
                help="select the pods behind it, with their namespace and port",
            )


def _service(name: str) -> tuple[str, str] | None:
    """The namespace and the name of the service that a name inside the cluster is for."""
    labels = name.split(".")
    return (labels[1], labels[0]) if labels[2:3] == ["svc"] else None


def _outside(context: LintContext) -> Iterator[tuple[str, str]]:
    """Given services whose name leads to addresses that are no pods of theirs.

    One without cluster IP and selector has the addresses that somebody wrote for it, and one of
    type ExternalName another name.
    """
    for manifest in context.manifests:
        if (manifest.api_version, manifest.ref.kind) == ("v1", "Service"):
            spec = inner(manifest.body, "spec")
            headless = spec.get("clusterIP") == "None" and not inner(spec, "selector")
            if headless or spec.get("type") == "ExternalName":
                yield namespace_of(manifest), manifest.ref.name
