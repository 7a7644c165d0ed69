"""The domain that somebody registered, of which a host is a part."""

from __future__ import annotations

from functools import cache
from itertools import takewhile

from publicsuffixlist import PublicSuffixList


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True, only_icann=False)


def registrable_domain(pattern: str) -> str | None:
    """The domain right below a public suffix; None where the pattern has none, such as `*.com`."""
    fixed = list(takewhile(lambda label: label and "*" not in label, pattern.split(".")[::-1]))
    domain = _suffixes().privatesuffix(".".join(reversed(fixed))) if fixed else None
    return None if domain is None else str(domain)
