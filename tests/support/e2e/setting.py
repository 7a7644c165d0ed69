"""What a cluster has before anything of ours is in it: namespaces, and people with rights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from support.e2e.client import Client
from support.e2e.example import Rendered
from support.e2e.wait import until

ARGOCD = "system:serviceaccount:argocd:argocd-application-controller"
"""Argo CD's own account, which compares; where it impersonates, others write for it."""


def add_namespaces(admin: Client, names: Iterable[str]) -> None:
    """Make the namespaces that are not there."""
    for name in names:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        assert admin.create(body).code in {201, 409}


def may_write(admin: Client, releases: Iterable[Rendered]) -> Iterator[bool]:
    """Whether each release's account may apply each object that it renders."""
    for each in releases:
        account = admin.as_user(each.user)
        yield from (account.may("patch", body) for body in each.objects)


def make_administrator(admin: Client, user: str) -> None:
    """Give a user every right, so that only admission can refuse it; wait until it has them."""
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "administrator-" + user.replace(":", "-")},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "cluster-admin",
        },
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    }
    admin.create(binding).object()
    until(lambda: admin.as_user(user).may("delete", binding), f"{user} never gets its rights")
