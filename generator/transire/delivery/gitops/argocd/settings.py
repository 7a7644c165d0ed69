"""How Argo CD itself must be configured, and an example of what tenants must not be given."""

from __future__ import annotations

from transire.delivery.gitops.argocd.projects import API, ARGOCD
from transire.delivery.gitops.guard import APPLICATION, guard
from transire.delivery.gitops.health import argocd_health
from transire.delivery.gitops.manifests_file import Object, ObjectFile, named
from transire.engines.registry import widening_kinds
from transire.workspace.file_plan import GENERATED
from transire.yamlio import YamlTree

_OTHERS = (
    ("admissionregistration.k8s.io", "*"),
    ("argoproj.io", "*"),
    ("helm.toolkit.fluxcd.io", "*"),
    ("kustomize.toolkit.fluxcd.io", "*"),
    ("networking.istio.io", "EnvoyFilter"),
    ("networking.istio.io", "ServiceEntry"),
    ("networking.istio.io", "Sidecar"),
    ("policy.linkerd.io", "EgressNetwork"),
    ("rbac.authorization.k8s.io", "*"),
)
"""Kinds of meshes and operators, and those that bring objects into a cluster or guard them."""

WIDENING = tuple(sorted({*_OTHERS, *widening_kinds()}))
"""Kinds, as group and kind, with which a tenant could widen its own egress.

Policies add up, so one more allows more. Roles and bindings are among them because the built-in
roles `admin` and `edit` may write NetworkPolicy; Applications, HelmReleases and Kustomizations
because they deploy with rights that are not the tenant's.
"""


def settings() -> ObjectFile:
    """The part of `argocd-cm` that egress policies need, to be merged into what is there."""
    config = named(
        api="v1",
        kind="ConfigMap",
        name="argocd-cm",
        namespace=ARGOCD,
        labels={"app.kubernetes.io/name": "argocd-cm", "app.kubernetes.io/part-of": "argocd"},
    )
    data: Object = dict(argocd_health())
    return ObjectFile(
        objects=({**config, "data": data},),
        head=(
            GENERATED,
            "Merge it into the settings of Argo CD, do not replace them:",
            "kubectl apply --server-side --field-manager transire -f argocd/argocd-cm.yaml",
        ),
    )


def applications_guard() -> ObjectFile:
    """The admission policy that keeps Applications as the root writes them."""
    return ObjectFile(
        objects=guard("egress-applications", [APPLICATION]),
        head=(
            GENERATED,
            "For the cluster in which Argo CD runs, from Kubernetes 1.30 on:",
            "kubectl apply --server-side -f argocd/guard.yaml",
        ),
    )


def tenants() -> ObjectFile:
    """An example project for teams that deploy their own workloads beside our policies."""
    project = named(api=API, kind="AppProject", name="tenant-example", namespace=ARGOCD)
    denied: list[YamlTree] = [{"group": group, "kind": kind} for group, kind in WIDENING]
    spec: Object = {
        "description": "Workloads of a tenant that cannot change what it may reach",
        "sourceRepos": ["https://git.example.com/tenant/*"],
        "destinations": [{"name": "example-cluster", "namespace": "tenant-example"}],
        "clusterResourceWhitelist": [],
        "namespaceResourceBlacklist": denied,
    }
    return ObjectFile(
        objects=({**project, "spec": spec},),
        head=(
            GENERATED,
            "An example, applied by nobody: give each tenant a project of this shape.",
            "destinations: the tenant's own namespaces by name, never argocd, flux-system or",
            "egress-system, and no pattern that reaches another tenant's.",
            "sourceNamespaces: leave it out, or name only namespaces where the tenant itself",
            "may create Applications; a project that lists argocd there lends out its rights.",
        ),
    )
