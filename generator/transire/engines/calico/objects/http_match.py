"""Whether the `http` of a rule for ingress takes one request, as Calico's sidecar compares it.

Methods are compared with case. From 3.32 a path is compared without its query, with one level of
escapes, backslashes, parameters behind `;`, slashes in a row and dot segments resolved; one that is
escaped twice is taken by no rule. Until 3.31 texts are compared as they come, but for the query.
Source: `app-policy/checker/match.go`.
"""

from __future__ import annotations

import re

from transire.k8s.manifests import Tree

_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


def takes(http: Tree, method: str, path: str, *, resolved: bool) -> bool:
    """Whether all that the rule has about requests fits; `resolved`: paths are, from 3.32 on."""
    methods, paths = http.get("methods", []), http.get("paths", [])
    if methods and method not in methods and "*" not in methods:
        return False
    given = re.split(r"[?#]", path, maxsplit=1)[0]
    if not paths:
        return True
    if not resolved:
        return any(_takes_text(each, given) for each in paths)
    plain = resolved_path(given)
    return plain is not None and any(_takes_path(each, plain) for each in paths)


def resolved_path(path: str) -> str | None:
    """The path as it is compared; None where an escape is left, which nothing fits."""
    decoded = _ESCAPE.sub(lambda found: chr(int(found[0][1:], 16)), path)
    if _ESCAPE.search(decoded):
        return None
    kept: list[str] = []
    for each in decoded.replace("\\", "/").split("/"):
        segment = each.partition(";")[0]
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    return "/" + "/".join(kept)


def _takes_path(wanted: Tree, path: str) -> bool:
    if "exact" in wanted:
        return path == resolved_path(wanted["exact"])
    prefix = (resolved_path(wanted["prefix"]) or "").removesuffix("/")
    return path == prefix or path.startswith(f"{prefix}/")


def _takes_text(wanted: Tree, path: str) -> bool:
    return path == wanted["exact"] if "exact" in wanted else path.startswith(wanted["prefix"])
