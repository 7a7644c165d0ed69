"""Host names and Kubernetes names.

The host grammar is the project's own and has one meaning on every engine:

```text
api.example.com     that name, not its subdomains
*.example.com       exactly one more label
**.example.com      one or more labels, at any depth
s3-*.example.com    one label; `*` stands for zero or more characters, never a dot
```
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import idna

from transire.model.host_mistakes import HostMistake, clip, lookalike

MAX_NAME = 253
"""Longest host name in characters, without a trailing dot (RFC 1035, section 2.3.4)."""

MAX_LABEL = 63
"""Longest label of a host name, and longest Kubernetes label value, in characters."""

_HOST_LABEL = re.compile(r"[a-z0-9_*](?:[-a-z0-9_*]*[a-z0-9_*])?")
_DNS_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_LABEL_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")


class HostKind(StrEnum):
    """The four ways to write a host, and the bare wildcard that no engine may be given."""

    EXACT = "exact name"
    ONE_LABEL = "one-label wildcard"
    ANY_DEPTH = "any-depth wildcard"
    PARTIAL = "part-of-label wildcard"
    BARE = "bare wildcard"


@dataclass(frozen=True, slots=True, order=True)
class HostPattern:
    """A host as one team may write it: lower case, punycode, no trailing dot.

    Build one with `HostPattern.parse`; `text` is the canonical spelling, so that equal patterns
    are equal values.
    """

    text: str

    @classmethod
    def parse(cls, written: str) -> HostPattern:
        """The pattern that `written` means.

        Raises:
            ValueError: with a sentence on what is wrong and what to write.
        """
        _refuse_lookalikes(written)
        text = written.removesuffix(".").lower()
        try:
            labels = [_ascii(label) for label in text.split(".")]
        except idna.IDNAError as error:
            raise ValueError(f"{written!r} is not a host name: {error}") from error
        for place, label in enumerate(labels):
            _check_label(written, label, first=place == 0)
        text = ".".join(labels)
        if len(text) > MAX_NAME:
            raise ValueError(
                f"{clip(written)!r} has {len(text)} characters, a host name has at most {MAX_NAME}"
            )
        return cls(text)

    @property
    def kind(self) -> HostKind:
        """Which of the ways to write a host this is."""
        if "*" not in self.text:
            return HostKind.EXACT
        first, _, rest = self.text.partition(".")
        if first in {"*", "**"} and "*" not in rest:
            if not rest:
                return HostKind.BARE
            return HostKind.ONE_LABEL if first == "*" else HostKind.ANY_DEPTH
        return HostKind.PARTIAL

    @property
    def parent(self) -> str:
        """What follows the first label."""
        return self.text.partition(".")[2]

    @property
    def shown(self) -> str:
        """The name for people: with its Unicode form where it has one."""
        if "xn--" not in self.text:
            return self.text
        decoded = ".".join(_unicode(label) for label in self.text.split("."))
        return self.text if decoded == self.text else f"{decoded} ({self.text})"

    def is_within(self, domain: str) -> bool:
        """Whether every name of the pattern is the domain itself or lies below it."""
        return self.text == domain or self.text.endswith(f".{domain}")

    def example(self) -> str:
        """A host name that the pattern matches: `a` for each star."""
        labels = self.text.split(".")
        if labels[0] == "**":
            labels[0:1] = ["a", "b"]
        return ".".join("a" if label == "*" else label.replace("*", "a") for label in labels)

    def __str__(self) -> str:
        return self.text


def _refuse_lookalikes(written: str) -> None:
    mistake = lookalike(written, _is_host)
    if mistake is not None:
        raise mistake


def _is_host(text: str) -> bool:
    """Whether the text is a name that is no address."""
    try:
        return not HostPattern.parse(text).text.rpartition(".")[2].isdigit()
    except ValueError:
        return False


def _check_label(written: str, label: str, *, first: bool) -> None:
    if not label:
        raise _empty_label(written)
    if len(label) > MAX_LABEL:
        raise ValueError(
            f"{clip(written)!r} has a label of {len(label)} characters, a label has at most "
            f"{MAX_LABEL}"
        )
    if "**" in label and not (first and label == "**"):
        raise ValueError(
            f"{clip(written)!r} has ** in the wrong place; ** may only be the whole first label"
        )
    if _HOST_LABEL.fullmatch(label) is None:
        raise ValueError(
            f"{clip(written)!r} is not a host name: the label {clip(label)!r} may hold letters, "
            "digits, _ and *, and - inside"
        )


def _empty_label(written: str) -> HostMistake:
    rest = written.lstrip(".")
    if rest == written or not _is_host(rest):
        return HostMistake(f"{clip(written)!r} has an empty label", "write one dot between labels")
    return HostMistake(
        f"{clip(written)!r} begins with a dot",
        f"write {rest} for that name alone, *.{rest} for one label before it or **.{rest} for any "
        "number",
    )


def _ascii(label: str) -> str:
    if label.isascii():
        return label
    return idna.encode(label, uts46=True).decode("ascii")


def _unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return idna.decode(label)
    except idna.IDNAError:
        return label


def is_dns_label(text: str) -> bool:
    """Whether `text` may name a namespace, team, cluster or rule (RFC 1123 label)."""
    return len(text) <= MAX_LABEL and _DNS_LABEL.fullmatch(text) is not None


def is_account_name(text: str) -> bool:
    """Whether `text` may name a service account (RFC 1123 subdomain)."""
    return len(text) <= MAX_NAME and all(map(is_dns_label, text.split(".")))


@lru_cache(maxsize=4_096)
def is_label_key(text: str) -> bool:
    """Whether `text` is a Kubernetes label key: `[prefix/]name`."""
    prefix, slash, name = text.rpartition("/")
    if slash and not (
        len(prefix) <= MAX_NAME and all(is_dns_label(part) for part in prefix.split("."))
    ):
        return False
    return len(name) <= MAX_LABEL and _LABEL_NAME.fullmatch(name) is not None


def is_label_value(text: str) -> bool:
    """Whether `text` is a Kubernetes label value; the empty value is one."""
    return not text or (len(text) <= MAX_LABEL and _LABEL_NAME.fullmatch(text) is not None)


def shorten(name: str, limit: int = MAX_LABEL) -> str:
    """`name`, or its beginning with a stable hash of the whole where it is over `limit`.

    Two different long names stay different: the suffix is 10 hexadecimal digits of SHA-256.
    """
    if len(name) <= limit:
        return name
    suffix = hashlib.sha256(name.encode()).hexdigest()[:10]
    return name[: limit - len(suffix) - 1].rstrip("-.") + "-" + suffix
