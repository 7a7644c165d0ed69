"""Owners as a forge's CODEOWNERS file names them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_MOST = 254
"""Characters that an address may have, and more than any name has."""

_WORD = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_NAME = re.compile(rf"@{_WORD}(?:/{_WORD})*")
_ADDRESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")

OWNER_FORMS = '"@organisation/team", "@user" or an e-mail address'
"""What `is_owner` takes, as text."""


class OwnersFile(StrEnum):
    """The places where GitHub or GitLab looks for the file."""

    ROOT = "CODEOWNERS"
    GITHUB = ".github/CODEOWNERS"
    GITLAB = ".gitlab/CODEOWNERS"
    DOCS = "docs/CODEOWNERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Codeowners:
    """Who reviews what beside the teams, and where the file is that lists them.

    `platform` owns whatever nobody else does, `security` the bundles and exceptions; without
    `security` these are the platform's too.
    """

    platform: tuple[str, ...]
    security: tuple[str, ...] = ()
    path: OwnersFile = OwnersFile.ROOT

    def __post_init__(self) -> None:
        if not self.platform:
            raise ValueError("the platform has no owner, so nobody would be notified")


def is_owner(text: str) -> bool:
    """Whether the text can stand for one owner and for nothing else in a line of the file."""
    if len(text) > _MOST:
        return False
    return bool(_NAME.fullmatch(text) or _ADDRESS.fullmatch(text))
