"""Which names anybody may register below: the public suffix list, private part included."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True, only_icann=False)


def is_public_suffix(name: str) -> bool:
    """Whether strangers can own names directly below `name`, as with com, co.uk and github.io.

    Unknown top-level names count as public suffixes, and so does the root.
    """
    return not name or bool(_suffixes().is_public(name))
