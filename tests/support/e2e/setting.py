"""What a cluster has before anything of ours is in it: namespaces, and people with rights."""

from __future__ import annotations

from collections.abc import Iterable

from support.e2e.client import Client

ARGOCD = "system:serviceaccount:argocd:argocd-application-controller"
"""Argo CD's own account, which compares; where it impersonates, others write for it."""


def add_namespaces(admin: Client, names: Iterable[str]) -> None:
    """Make the namespaces that are not there."""
    for name in names:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        assert admin.create(body).code in {201, 409}


def make_administrator(admin: Client, user: str) -> None:
    """Give a user every right, so that only admission can refuse it."""
    admin.create(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "administrator-" + user.replace(":", "-")},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "cluster-admin",
            },
            "subjects": [
                {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user},
            ],
        }
    ).object()
