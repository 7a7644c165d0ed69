"""Where charts go, and how the tools that sync them are set up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ArgoCdSync(StrEnum):
    """In whose name Argo CD writes: its controller's own, or an account that it impersonates."""

    CONTROLLER = "controller"
    IMPERSONATION = "impersonation"


class SignatureProvider(StrEnum):
    """What signs charts in the registry, as Flux names it."""

    COSIGN = "cosign"
    NOTATION = "notation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """How Flux verifies the signature of each chart; `secret` names the one with the public keys.

    It is in the namespace `egress-system` of each cluster.
    """

    provider: SignatureProvider
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Where charts go: an OCI registry (`oci://...`), and the Git repository; each may be empty.

    `credentials` and `ca` name the Secrets that Flux reads, in the namespace `egress-system` of
    each cluster: how to log in where charts come from, and the registry's own authority. Empty
    means that none is required. With `verify` Flux takes no chart from the registry that is not
    signed. `folder` is where the policies are in the Git repository; empty for its top.
    """

    registry: str = ""
    git: str = ""
    credentials: str = "egress-charts"
    ca: str = ""
    verify: Verify | None = None
    folder: str = ""

    def in_git(self, path: str) -> str:
        """A path of the policies as it is from the top of the Git repository."""
        return f"{self.folder}/{path}" if self.folder else path
