"""Trees that can be written as YAML, with text that YAML readers like to change."""

from __future__ import annotations

from hypothesis import strategies as st

from transire.yamlio import YamlTree

WORDS = [
    "y",
    "Y",
    "yes",
    "no",
    "on",
    "off",
    "true",
    "False",
    "null",
    "Null",
    "~",
    "none",
    "nil",
    "=",
    "<<",
    "inf",
    "NaN",
]
NUMBERS = [
    "0755",
    "1e3",
    "0o17",
    "0x1F",
    "0b11",
    "12:30",
    "12:30:45.6",
    "1_000",
    "1.20",
    ".5",
    "+1",
    "-0",
    "1e400",
    ".inf",
    "-.Inf",
    ".nan",
]
DATES = ("2027-03-31", "2027-03-31T10:00:00Z")
SYNTAX = [
    "!!str",
    "!x",
    "&a",
    "*a",
    "*.example.com",
    "@x",
    "`x`",
    "%x",
    "|",
    ">",
    "-",
    "?",
    ":",
    "#",
    "---",
    "...",
    "[a]",
    ",",
    "'",
    '"',
    "\\",
    "\\n",
]
SPACED = (
    "",
    " ",
    " a",
    "a ",
    "- a",
    "a: b",
    "a #b",
    "{a: b}",
    "\n",
    "a\nb",
    "a\n",
    "\t",
    "\r",
    "\r\n",
)
INVISIBLE = tuple(
    "\0\x07\x1b\x7f\x85\xa0\xad\u200b\u202e\u2028\u2029\ufeff\ufffe\uffff\ufffd\ue000"
)
SCRIPTS = ("bücher", "e\u0301", "\U0001f600", "\U0010ffff", "❤\ufe0f")
CODE = ("{{ .Release.Name }}", "{{- fail `x` -}}", "$(id)", "${HOME}", "%s", "a" * 5000)
HOSTILE = (*WORDS, *NUMBERS, *DATES, *SYNTAX, *SPACED, *INVISIBLE, *SCRIPTS, *CODE)


def texts() -> st.SearchStrategy[str]:
    """Any text a file can hold, hostile text often."""
    any_text = st.text(st.characters(exclude_categories=["Cs"]))
    hostile = st.sampled_from(HOSTILE)
    return hostile | any_text | st.builds(str.__add__, hostile, any_text)


def trees() -> st.SearchStrategy[YamlTree]:
    """Any tree that can be written, within two levels of nesting more than ours."""
    leaves = texts() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
    keys = texts().filter(lambda key: len(key) < 80)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=20,
    )
