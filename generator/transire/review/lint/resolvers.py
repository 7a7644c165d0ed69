"""By what people know a cluster's resolver: labels of its pods, and where it runs."""

from __future__ import annotations

USUAL_HOME = "kube-system"
HOMES = frozenset({USUAL_HOME, "kube-dns", "coredns", "openshift-dns", "gke-managed-system"})
"""Namespaces in which clusters run their resolver."""

RESOLVERS = frozenset(
    {"kube-dns", "coredns", "core-dns", "node-local-dns", "nodelocaldns", "rke2-coredns"}
)
"""Values of labels that pods of a resolver have."""
