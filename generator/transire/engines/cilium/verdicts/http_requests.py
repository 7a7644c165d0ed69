"""Whether the proxy for HTTP lets one request through.

The path is compared as the connection manager leaves it (`http-normalize-path`, on by default):
without dot segments and slashes in a row, and with its query. One with an escaped slash is
redirected to the same without.
Sources: `getHTTPRule` and `getHTTPFilterChainProto` in `pkg/envoy`, and `normalize_path`,
`merge_slashes` and `path_with_escaped_slashes_action` of Envoy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from transire.engines.cilium.objects.http_rules import HttpRule, TooLongError, http_rule
from transire.engines.cilium.verdicts.policy_map import Candidate
from transire.model.request_paths import normal_path
from transire.queries.query import HttpRequest

_ESCAPED_SLASH = re.compile(r"%(?:2[Ff]|5[Cc])")


class NotModelled(Exception):  # noqa: N818 - a clause about a rule
    """An entry matches in a way that is not modelled."""


def is_redirected(request: HttpRequest) -> bool:
    """Whether the path has an escaped slash, for which no rule is looked at."""
    return _ESCAPED_SLASH.search(request.path.partition("?")[0]) is not None


def compared_path(request: HttpRequest) -> str:
    """The path with its query as rules see it; one that has no normal form stays as it is."""
    path, mark, query = request.path.partition("?")
    try:
        return normal_path(path.replace("\\", "/")) + mark + query
    except ValueError:
        return request.path


def passes(candidates: Iterable[Candidate], request: HttpRequest) -> bool:
    """Whether any of these entries lets the request through.

    Raises:
        NotModelled: with the object and a clause, if none does and one is not modelled, or if one
            is longer than Envoy takes.
    """
    path, doubt, passing = compared_path(request), "", False
    for candidate in candidates:
        passing |= candidate.entry.open_http
        for entry in (entry for l7 in candidate.entry.http for entry in l7.http):
            try:
                passing |= _fits(http_rule(entry), request, path)
            except ValueError as error:
                found = f"{candidate.entry.origins[0].wording}: {error}"
                if isinstance(error, TooLongError):
                    raise NotModelled(found) from error
                doubt = doubt or found
    if doubt and not passing:
        raise NotModelled(doubt)
    return passing


def _fits(rule: HttpRule, request: HttpRequest, path: str) -> bool:
    parts = (
        (rule.method, request.method),
        (rule.path, path),
        (rule.host, request.host),
    )
    return all(wanted is None or given in wanted for wanted, given in parts) and all(
        request.headers.get(name) in wanted for name, wanted in rule.headers.items()
    )
