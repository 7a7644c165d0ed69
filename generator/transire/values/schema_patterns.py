r"""What a text must look like, as closely as a pattern can tell; for editors alone.

Every text that is read matches: reading is the judge, and a pattern only marks early what it
refuses. Written in what ECMAScript, Python and Rust read alike. A key is the name of a shared form,
or the title and the name of a single key.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_LABEL = r"[^\x00-\x29\x2b\x2c\x2e\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]+"
"""Letters of any script, digits, hyphens, underscores and stars."""

_NUMBER = (
    r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
)
_OCTET = r"(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}(?:/(?:[0-9]|[12][0-9]|3[0-2]))?"
_IPV6 = r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/(?:[0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))?"

_PART = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SECRET = rf"^(?:{_PART}(?:\.{_PART})*)?$"
_LABEL_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"

PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "host": rf"^(?:\*\*\.)?{_LABEL}(?:\.{_LABEL})*\.?$",
        "cidr": rf"^(?:{_IPV4}|{_IPV6})$",
        "port": rf"^(?:{_NUMBER}(?:-{_NUMBER})?(?:/(?:TCP|UDP|SCTP))?|ICMP)$",
        "Approved by:approvedBy": r"\S",
        "Contact:contact": r"\S",
        "Owner:owner": r"\S",
        "Credentials:credentials": _SECRET,
        "Certificate authority:ca": _SECRET,
        "Registry:registry": (
            r"^oci://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$"
        ),
        "Git repository:git": (
            r"^(?:https?://|ssh://(?:[A-Za-z0-9._-]+@)?|[A-Za-z0-9._-]+@)[A-Za-z0-9.-]+"
            r"(?::[0-9]{1,5})?[:/][A-Za-z0-9._~/+-]+$"
        ),
    }
)

_NO_END: Mapping[str, Any] = {
    "not": {"required": ["mode", "until"], "properties": {"mode": {"const": "enforce"}}}
}
CLOSER: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "Pod labels": {
            "propertyNames": {
                "pattern": rf"^(?:{_PART}(?:\.{_PART})*/)?{_LABEL_NAME}$",
                "patternErrorMessage": "A label key is NAME or PREFIX/NAME.",
            },
            "additionalProperties": {
                "type": "string",
                "maxLength": 63,
                "pattern": rf"^(?:{_LABEL_NAME})?$",
                "patternErrorMessage": "Letters, digits, -, _ and dots, with a letter or a digit "
                "at each end.",
            },
        },
        "Publish": {
            "anyOf": [{"required": ["registry"]}, {"required": ["git"]}],
            "dependencies": {"verify": ["registry"]},
        },
        "Mode with an end": _NO_END,
        "Clusters with a mode": _NO_END,
        "Mode of a cluster": _NO_END,
    }
)
"""What maps must hold besides, by their title; reading finds the same, with a better message."""
