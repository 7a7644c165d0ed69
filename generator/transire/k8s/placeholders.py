"""What stands in a manifest where something else fills in a value before it is applied.

Helm's and Jinja's braces, variables of Flux, `envsubst` and Kustomize, comments of ytt, and marks
for people and for `sed`. What a policy has for people to read, such as its annotations, may hold
anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from transire.k8s.manifests import Manifest
from transire.k8s.typed_decoding import pointer

_HELM = re.compile(r"\{\{.*?(?:\}\}|$)")
_TEMPLATE = re.compile(r"\{%.*?(?:%\}|$)|\[\[ *\.[A-Za-z].*?\]\]|<%.*?%>")
_SOPS = re.compile(r"ENC\[AES256_GCM,[^\]]{0,20}")
_YTT = re.compile(r"(?:^|(?<=\s))#@[ \t/].*")
_VARIABLE = re.compile(r"\$\{[^{}\n]*\}?|\$\([A-Za-z_][A-Za-z0-9_.]*\)")
_MARK = re.compile(
    r"(?<!\?P)(?<!\?)<[A-Za-z][A-Za-z0-9_. -]*>|__[A-Z][A-Z0-9_]*[A-Z0-9]__"
    r"|@[A-Z][A-Z0-9_]*@|%[A-Z][A-Z0-9_]*%|\b(?:CHANGE|REPLACE|FILL)[-_]?ME\b"
)
UNRENDERED = "unrendered"
"""The id of a finding about a document with placeholders."""

_BARE_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
_FOR_PEOPLE = frozenset({"annotations", "description", "managedFields"})
_PATTERNS = frozenset({"headers", "host", "method", "path"})
"""Keys of HTTP rules, whose values are regular expressions."""


class Filler(Enum):
    """What fills placeholders in."""

    HELM = "helm"
    TEMPLATE = "template"
    SOPS = "sops"
    YTT = "ytt"
    VARIABLES = "variables"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """One placeholder as it is written, what fills it in, and a pointer to where it stands."""

    text: str
    filler: Filler
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrendered:
    """An object with a placeholder; its body is empty where its text is no YAML."""

    manifest: Manifest
    placeholder: Placeholder

    @property
    def message(self) -> str:
        """What the placeholder means."""
        return (
            f"{self.placeholder.text} is a placeholder, so this document is not what the cluster "
            "gets, and nothing else of it was looked at"
        )

    @property
    def help(self) -> str:
        """What to do: the command that fills it in."""
        return _HELP[self.placeholder.filler]


_HELP = {
    Filler.HELM: "give what is rendered: helm template RELEASE CHART | transire ... -f -",
    Filler.TEMPLATE: "give what is rendered, by the program that the template is for",
    Filler.SOPS: "give what is decrypted: sops -d FILE | transire ... -f -",
    Filler.YTT: "give what is rendered: ytt -f FILE | transire ... -f -",
    Filler.VARIABLES: "give what is rendered: flux build kustomization NAME --path DIR, or "
    "envsubst < FILE, with | transire ... -f - behind it",
    Filler.NOBODY: "write what is meant in its place",
}
_IN_VALUES = (
    (_HELM, Filler.HELM),
    (_TEMPLATE, Filler.TEMPLATE),
    (_SOPS, Filler.SOPS),
    (_VARIABLE, Filler.VARIABLES),
    (_MARK, Filler.NOBODY),
)
_IN_TEXT = (
    (_TEMPLATE, Filler.TEMPLATE),
    (_HELM, Filler.HELM),
    (_VARIABLE, Filler.VARIABLES),
    (_YTT, Filler.YTT),
)


def may_hold_placeholders(text: str) -> bool:
    """Whether a document has anything that keeps it from being read as what the cluster gets."""
    return any(each in text for each in ("{{", "{%", "#@", "${", "$("))


def placeholder_in_text(text: str) -> tuple[Placeholder, int] | None:
    """The first placeholder of a text that is no YAML, and its line from 0.

    Marks for people count for nothing there, nor does what stands in a comment.
    """
    for number, line in enumerate(text.split("\n")):
        comment = line.lstrip().startswith("#")
        for pattern, filler in _IN_TEXT:
            found = pattern.search(line)
            if found and (filler is Filler.YTT or not comment):
                return Placeholder(text=found[0], filler=filler), number
    return None


def placeholder_of_ytt(text: str) -> tuple[Placeholder, int] | None:
    """The first comment of ytt, and its line from 0; to everything else it is a comment."""
    for number, line in enumerate(text.split("\n") if "#@" in text else ()):
        if found := _YTT.search(line):
            return Placeholder(text=found[0], filler=Filler.YTT), number
    return None


def placeholder_in(tree: object, at: str = "") -> Placeholder | None:
    """The first placeholder in the keys and values of an object."""
    for path, value in _texts(tree, at):
        if _BARE_VARIABLE.fullmatch(value):
            return Placeholder(text=value, filler=Filler.VARIABLES, path=path)
        for pattern, filler in _IN_VALUES:
            if found := pattern.search(value):
                return Placeholder(text=found[0], filler=filler, path=path)
    return None


def _texts(tree: object, at: str) -> Iterator[tuple[str, str]]:
    """Keys and values with their places, but for those that may hold any text."""
    rest = [(at, tree)]
    while rest:
        here, each = rest.pop()
        below: list[tuple[str, object]] = []
        if isinstance(each, str):
            yield here, each
        elif isinstance(each, Mapping):
            for key, value in each.items():
                inside = f"{here}{pointer(key)}"
                yield inside, str(key)
                if key not in _FOR_PEOPLE and not (key in _PATTERNS and "/http/" in inside):
                    below.append((inside, value))
        elif isinstance(each, list | tuple):
            below = [(f"{here}{pointer(place)}", item) for place, item in enumerate(each)]
        rest += reversed(below)
