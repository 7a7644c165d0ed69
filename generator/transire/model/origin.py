"""Where values are from, for people who read what is made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SHORT = 12
_USER = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/]*@", re.IGNORECASE)
_SCP = re.compile(r"^(?:[^/@:]+@)?([^/:]+):(?!//)(.+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The organisation, its policy repository, and the commit; each is empty where not known.

    `is_modified` tells whether the working tree has changes that the commit has not.
    """

    organisation: str = ""
    repository: str = ""
    commit: str = ""
    is_modified: bool = False

    @property
    def revision(self) -> str:
        """The commit in short, and whether there is more than it."""
        short = self.commit[:_SHORT]
        if not short:
            return ""
        return f"{short} with changes" if self.is_modified else short

    def __str__(self) -> str:
        """Such as `Example, git.example.com/platform/egress at 0a1b2c3d4e5f`; perhaps empty."""
        place = f"{self.repository} at {self.revision}" if self.revision else self.repository
        if not self.repository:
            place = f"commit {self.revision}" if self.revision else ""
        return ", ".join(each for each in (self.organisation, place) if each)


def repository_name(address: str) -> str:
    """The address of a repository without what logs in, without its scheme and its ending.

    A name or a password in an address is never shown. `git@host:path` becomes `host/path`.
    """
    bare = _USER.sub(r"\1", address.strip())
    found = None if "://" in bare else _SCP.match(bare)
    if found is not None:
        bare = f"{found[1]}/{found[2]}"
    return bare.rpartition("://")[2].removesuffix(".git")
