"""Which host names Istio takes, and which of its patterns hold a name.

Source: the validation of Istio 1.30.3, measured form by form; a host that begins with a star is a
wildcard, ``*.x`` holds every name below x and not x itself.
"""

from __future__ import annotations

import re

_LONGEST = 255
_LABEL = re.compile(r"[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
_FIRST = re.compile(r"\*|(?:\*-?)?[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
_NAMESPACE = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
EVERYTHING = "*"


def is_wildcard(host: str) -> bool:
    """Whether a host stands for many names."""
    return host.startswith("*")


def is_partial(host: str) -> bool:
    """Whether the star is only part of a label, which Envoy does not take for names of TLS."""
    return "*" in host and host != EVERYTHING and not host.startswith("*.")


def is_namespace(text: str) -> bool:
    """Whether a text may name a namespace."""
    return _NAMESPACE.fullmatch(text) is not None


def name_fault(host: str) -> str:
    """Why a full name is refused, or the empty string."""
    return _length_fault(host) or _labels_fault(host)


def wildcard_fault(host: str) -> str:
    """Why a name whose first label may be a wildcard is refused, or the empty string."""
    first, dot, rest = host.partition(".")
    if fault := _length_fault(host):
        return fault
    if _FIRST.fullmatch(first) is None:
        return f"{host[:80]!r} has the label {first[:63]!r}, which is none"
    return _labels_fault(rest) if dot else ""


def _length_fault(host: str) -> str:
    if not host:
        return "is empty"
    return (
        f"has {len(host)} characters, at most {_LONGEST} are taken" if len(host) > _LONGEST else ""
    )


def _labels_fault(host: str) -> str:
    labels = host.split(".")
    if labels[-1].isdecimal():
        return f"{host[:80]!r} ends with a number, which no name does"
    for place, label in enumerate(labels):
        if not label and place == len(labels) - 1:
            return ""
        if _LABEL.fullmatch(label) is None:
            return f"{host[:80]!r} has the label {label[:63]!r}, which is none"
    return ""


def holds(pattern: str, host: str) -> bool:
    """Whether a pattern of Istio's own matching holds a host, which may be a wildcard itself.

    A wildcard counts as the names that it stands for: ``*.com`` holds ``*.example.com``.
    """
    if pattern in {EVERYTHING, host}:
        return True
    return is_wildcard(pattern) and len(host) >= len(pattern) and host.endswith(pattern[1:])
