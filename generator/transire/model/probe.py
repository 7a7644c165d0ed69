"""What the platform decides about probes: pods that show what a network really lets through."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from transire.model.net import Network
from transire.model.problems import Position

IMAGE = re.compile(
    r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?::[0-9]{1,5})?(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@sha256:[0-9a-f]{64}"
)
"""A reference of a container image that names its content, and may name a tag besides."""

HTTPS = 443
_SIX = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A name or an address that answers on a TCP port, and that pods must not reach.

    One of `name`, in lower case, and `address`, a network of one address, is given.
    """

    name: str = ""
    address: Network | None = None
    port: int = HTTPS
    at: Position = field(default=Position(path=""), compare=False, repr=False)

    @property
    def host(self) -> str:
        """What a client is given: the name, or the address in plain form."""
        return self.name if self.address is None else str(self.address.network_address)

    def __str__(self) -> str:
        """Such as `example.com:443` and `[2001:db8::1]:443`."""
        six = self.address is not None and self.address.version == _SIX
        return f"[{self.host}]:{self.port}" if six else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSettings:
    """How probes are made.

    `image` names a container image by its digest. `canaries` are sorted by how they are written.
    `control` is a namespace without egress policies in which the canaries are tried as well, to
    show that they are up, or empty.
    """

    image: str
    canaries: tuple[Canary, ...]
    control: str = ""
