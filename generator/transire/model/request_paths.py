"""What is left of a request's path after normalisation, as proxies and meshes compare it."""

from __future__ import annotations

import re

from transire.model.host_mistakes import clip

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_REFUSED = {"/": "an encoded slash", "\\": "an encoded backslash", "\0": "an encoded NUL"}
_CHARS = re.compile(r"[!-~]*")


def normal_path(written: str) -> str:
    """The path of a request without its query, its dot segments and slashes in a row.

    Escapes of letters, digits and `-._~` become these, all others stay as they are (RFC 3986,
    6.2.2).

    Raises:
        ValueError: with a sentence, if it is no path, or one that nobody lets through.
    """
    path = re.split(r"[?#]", written, maxsplit=1)[0]
    if not path.startswith("/"):
        raise ValueError(
            f"path {clip(written)!r} does not begin with /; write one such as /v1/items"
        )
    if "\\" in path or _CHARS.fullmatch(path) is None or "%" in _ESCAPE.sub("", path):
        raise ValueError(
            f"path {clip(written)!r} has a character that no request has as it is; write its escape"
        )
    return _resolved(_ESCAPE.sub(lambda found: _decoded(written, found), path))


def _decoded(written: str, found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    if char in _REFUSED:
        raise ValueError(
            f"path {clip(written)!r} has {_REFUSED[char]}, and no rule with paths lets such a "
            "request through; write one without"
        )
    return char if char in _PLAIN else found[0]


def _resolved(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    folder = segments[-1] in {"", ".", ".."} and kept
    return "/" + "/".join(kept) + ("/" if folder else "")
