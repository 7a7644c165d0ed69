"""HTTP as proxies read it: host, port and path of a request, and matches of routes."""

from __future__ import annotations

import re

from transire.flows.text_set import TextSet
from transire.model.problems import Unjudgeable
from transire.points.istio.objects.routes import Match, TextMatch
from transire.points.istio.verdicts.mesh import Normalization
from transire.points.istio.verdicts.request import MeshRequest

_PORT = re.compile(r":[0-9]{1,5}$")
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_SLASHES = re.compile(r"//+")
_UNRESERVED = re.compile(r"[-A-Za-z0-9._~]")
_ABSOLUTE = re.compile(r"https?://([^/?#]*)([^#]*)", re.IGNORECASE)
_ANY_CASE = "(?i)"


def authority_and_path(request: MeshRequest) -> tuple[str, str] | None:
    """The host, with its port where one is sent, and the path; None for what is no such request.

    An absolute form names the host, whatever the Host header holds.
    """
    if request.method == "CONNECT" or request.path == "*":
        return None
    absolute = _ABSOLUTE.fullmatch(request.path)
    if absolute:
        return absolute[1], absolute[2] or "/"
    return request.host, request.path


def without_port(host: str) -> str:
    """A host in lower case without the port behind it."""
    return _PORT.sub("", host.lower())


def port_of(host: str) -> int | None:
    """The port behind a host."""
    found = _PORT.search(host)
    return int(found[0][1:]) if found else None


def normalized(path: str, how: Normalization) -> str:
    """A path as it is compared: without its query, and normalised as the mesh is set to.

    `BASE` decodes what needs no escape and removes dot segments; slashes are decoded and merged
    only where the mesh is set to.
    """
    plain = re.split(r"[?#]", path, maxsplit=1)[0]
    if how is Normalization.NONE:
        return plain
    if how is Normalization.DECODE_AND_MERGE_SLASHES:
        plain = re.sub(r"%2f|%5c", "/", plain, flags=re.IGNORECASE)
    plain = _ESCAPE.sub(_decoded, plain).replace("\\", "/")
    plain = _without_dots(plain)
    return plain if how is Normalization.BASE else _SLASHES.sub("/", plain)


def _decoded(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if _UNRESERVED.fullmatch(char) else found[0]


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
            continue
        if last:
            kept.append("")
    return "/" + "/".join(kept)


def expression_set(expression: str) -> TextSet:
    """The texts in lower case that an expression of a route matches from end to end.

    `(?i)` in front is understood where the rest has no letter in upper case.

    Raises:
        Unjudgeable: if the expression is not modelled.
    """
    if not expression.startswith(_ANY_CASE):
        return TextSet.matching(expression)
    rest = expression.removeprefix(_ANY_CASE)
    if rest != rest.lower():
        raise Unjudgeable("regular expression", expression, "upper case beside (?i)")
    return TextSet.matching(rest)


def text_matches(match: TextMatch | None, text: str) -> bool:
    """Whether a text is what a match wants; without one it is."""
    if match is None:
        return True
    if match.way == "exact":
        return text == match.text
    if match.way == "prefix":
        return text.startswith(match.text)
    folded = text.lower() if match.text.startswith(_ANY_CASE) else text
    return folded in expression_set(match.text)


def request_matches(match: Match, *, authority: str, method: str, path: str) -> bool:
    """Whether a request is one that a route is for."""
    return (
        text_matches(match.authority, authority)
        and text_matches(match.method, method)
        and text_matches(match.path, path)
    )


def host_rank(pattern: str, host: str, *, names: bool = False) -> int | None:
    """How closely a host of an entry is a host asked for; more is closer, None is not at all.

    Args:
        pattern: the host of the entry, whose own trailing dot belongs to it.
        host: what was asked for, in lower case and without a port.
        names: whether it is a name of TLS, where a trailing dot belongs to the name.
    """
    lower = pattern.lower()
    asked = {host} if names or lower.endswith(".") else {host, host.removesuffix(".")}
    if lower in asked:
        return len(lower) + 1_000
    if lower.startswith("*") and any(
        len(each) >= len(lower) and each.endswith(lower[1:]) for each in asked
    ):
        return len(lower)
    return None
