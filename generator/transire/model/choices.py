"""What a values file chooses among."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """Enforce drops what no layer allows; audit blocks nothing."""

    ENFORCE = "enforce"
    AUDIT = "audit"


class InCluster(StrEnum):
    """Which pods the platform lets every workload reach: any, those beside it, or none."""

    ALL = "all"
    SAME_NAMESPACE = "same-namespace"
    DECLARED = "declared"


class Approximation(StrEnum):
    """What a rule or a cluster accepts where an engine cannot express exactly what was meant."""

    NARROW = "narrow"
    WIDEN = "widen"


class GitOps(StrEnum):
    """The tool that publishes to a cluster."""

    ARGOCD = "argocd"
    FLUX = "flux"


class DnsProfile(StrEnum):
    """Where the pods of a cluster send DNS queries."""

    COREDNS = "coredns"
    NODELOCAL = "nodelocal"
    OPENSHIFT = "openshift"
    GKE_CLOUD_DNS = "gke-cloud-dns"
    EKS_AUTO = "eks-auto"
    AKS_LOCALDNS = "aks-localdns"
    CUSTOM = "custom"
