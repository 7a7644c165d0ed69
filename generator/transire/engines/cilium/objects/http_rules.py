"""Entries of `rules.http` as the agent hands them to the proxy.

Source: `getHTTPRule` in `pkg/envoy`: method, path and host are expressions that match from end to
end. A header is there, or has exactly the value after the first space. Of `headerMatches`, one with
a `mismatch` changes a request or logs it, and refuses none. For an expression whose program is
longer than it takes, Envoy refuses the whole policy of the pod, so that nothing is known of any
rule (https://github.com/cilium/cilium/issues/41314).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transire.flows.patterns.regex_language import fewest_literals
from transire.flows.text_set import TextSet
from transire.model.problems import Unjudgeable

EXPRESSIONS = ("method", "path", "host")

MOST_STEPS = 100
"""`re2.max_program_size.error_level` of Envoy, where nobody sets it."""


class TooLongError(ValueError):
    """An expression that Envoy refuses, and with it every rule of the pod."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRule:
    """What one entry lets through; None leaves a part open. Headers go by name in lower case."""

    method: TextSet | None = None
    path: TextSet | None = None
    host: TextSet | None = None
    headers: Mapping[str, TextSet]


def http_rule(entry: Mapping[str, Any]) -> HttpRule:
    """The entry.

    Raises:
        ValueError: with a clause, if it matches in a way that is not modelled.
    """
    headers: dict[str, TextSet] = {}
    for name, wanted in (*_headers(entry), *_matches(entry)):
        headers[name] = headers.get(name, TextSet.everything()) & wanted
    method, path, host = (_expression(entry, key) for key in EXPRESSIONS)
    return HttpRule(method=method, path=path, host=host, headers=headers)


def _expression(entry: Mapping[str, Any], key: str) -> TextSet | None:
    if not entry.get(key):
        return None
    try:
        if fewest_literals(entry[key]) > MOST_STEPS:
            raise TooLongError(
                f"envoy refuses every rule of the pod for the {key} {entry[key][:80]!r}, an "
                f"expression of more than {MOST_STEPS} steps"
            )
        return TextSet.matching(entry[key])
    except Unjudgeable as error:
        raise ValueError(f"the {key} {entry[key][:80]!r} is not modelled: {error.why}") from error


def _headers(entry: Mapping[str, Any]) -> Iterator[tuple[str, TextSet]]:
    for text in entry.get("headers", ()):
        name, space, value = text.partition(" ")
        name = (name.rstrip(":") if space else name).lower()
        if not name or name.startswith(":"):
            raise ValueError(f"the header {text[:80]!r} is not modelled")
        yield name, TextSet.of([value]) if space else TextSet.present()


def _matches(entry: Mapping[str, Any]) -> Iterator[tuple[str, TextSet]]:
    for each in entry.get("headerMatches", ()):
        name = each["name"].lower()
        if each.get("mismatch"):
            continue
        if each.get("secret") or name.startswith(":"):
            raise ValueError(f"the headerMatch of {each['name'][:80]!r} is not modelled")
        yield name, TextSet.of([each["value"]]) if each.get("value") else TextSet.present()
