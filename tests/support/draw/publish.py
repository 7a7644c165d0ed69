"""Where drawn platforms publish to."""

from __future__ import annotations

from transire.model.publish import Publish, SignatureProvider, Verify

_GIT = "https://git.example.com/platform/egress.git"
PUBLISH = (
    Publish(registry="oci://registry.example.com/egress", git=_GIT),
    Publish(registry="oci://127.0.0.1:5000", credentials="", ca="registry-ca"),
    Publish(
        registry="oci://registry.example.com/egress",
        verify=Verify(provider=SignatureProvider.NOTATION, secret="keys"),  # noqa: S106 - a name
    ),
    Publish(git=_GIT),
    Publish(git="git@git.example.com:platform/egress.git", credentials="deploy-key"),
)
"""Registries and Git repositories, with logins and without, signed and not."""
