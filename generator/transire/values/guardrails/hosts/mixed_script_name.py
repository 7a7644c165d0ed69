"""Find names that mix alphabets to look like another.

What it does: reports labels that mix letters of different scripts. Japanese and Korean mix
scripts by nature and may.
Why is this bad? A name with one Cyrillic letter reads as the bank's and is somebody else's.
Bad:
    {name: bank, reason: pay, to: ["p\u0430ypal.com"]}
Good:
    {name: books, reason: buy books, to: ["b\u00fccher.example"]}
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import idna

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "mixed-script-name"
LEVEL = Level.ERROR

TOGETHER = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA", "LATIN"}),
    frozenset({"CJK", "HANGUL", "LATIN"}),
    frozenset({"CJK", "BOPOMOFO", "LATIN"}),
)
"""Scripts that are written together (Unicode Technical Standard 39, highly restrictive)."""


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every host with a label of letters that are not written together."""
    for entry, host in review.hosts():
        if "xn--" not in host.pattern.text:
            continue
        for label in host.pattern.text.split("."):
            scripts = _scripts(label)
            if len(scripts) > 1 and not any(scripts <= group for group in TOGETHER):
                yield entry.finding(
                    host.at,
                    f"{host.pattern.shown} mixes {' and '.join(sorted(scripts)).lower()} letters "
                    "in one label",
                    "check that this is the name you mean, and write it in one script",
                    host.pattern,
                )


def _scripts(label: str) -> frozenset[str]:
    if not label.startswith("xn--"):
        return frozenset()
    try:
        text = idna.decode(label)
    except idna.IDNAError:
        return frozenset({"UNDECODABLE", "PUNYCODE"})
    names = (unicodedata.name(letter, "UNKNOWN") for letter in text if letter.isalpha())
    return frozenset(name.split()[0].partition("-")[0] for name in names)
