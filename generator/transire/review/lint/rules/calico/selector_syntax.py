"""Find Calico selectors that Calico cannot read.

What it does: reports selectors with line breaks, values without quotes and other mistakes of
grammar.
Why is this bad? Where nothing checks them on the way in, the agent treats the policy as missing,
so what it was to deny is open. Only spaces and tabs may separate the parts of a selector, so a
YAML block with several lines is a mistake.
Bad:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec:
      selector: app == web
      types: [Egress]
Good:
    apiVersion: projectcalico.org/v3
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec:
      selector: app == 'web'
      types: [Egress]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from transire.engines.calico.lint_policies import is_calico
from transire.engines.calico.objects.selector_grammar import (
    IntricateSelectorError,
    SelectorError,
    parse_selector,
)
from transire.k8s.correction import corrected
from transire.k8s.json_pointer import find, inner, maps, steps, text
from transire.k8s.manifests import Manifest, Tree
from transire.model.problems import Level
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.rules.calico import on_calico
from transire.review.lint.wording import clipped

ID = "selector-syntax"
LEVEL = Level.ERROR
APPLIES = on_calico
EXAMPLE = "calico@3.30"

_OF_POLICY = ("selector", "namespaceSelector", "serviceAccountSelector")
_OF_ENTITY = ("selector", "notSelector", "namespaceSelector")
_BARE = re.compile(r"(==|!=|contains|starts with|ends with)([ \t]*)([A-Za-z0-9_.-]+)")
_LONGEST_TO_MEND = 1024


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every selector that is none."""
    for manifest, tree in context.objects_where(is_calico):
        for at, written in _selectors(inner(tree, "spec")):
            try:
                parse_selector(written)
            except IntricateSelectorError:
                continue
            except SelectorError as error:
                yield _found(manifest, at, written, str(error))


def _selectors(spec: Tree) -> Iterator[tuple[str, str]]:
    for key in _OF_POLICY:
        yield f"/spec/{key}", text(spec, key)
    for section in ("ingress", "egress"):
        for at, rule in maps(spec, section, "/spec"):
            for side in ("source", "destination"):
                entity = inner(rule, side)
                for key in _OF_ENTITY:
                    yield f"{at}/{side}/{key}", text(entity, key)
                accounts = inner(entity, "serviceAccounts")
                yield f"{at}/{side}/serviceAccounts/selector", text(accounts, "selector")


def _found(manifest: Manifest, at: str, written: str, why: str) -> RuleMatch:
    mended = _mended(written)
    return RuleMatch(
        manifest=manifest,
        path=at,
        message=f"{clipped(written)!r} is no selector: {why}",
        help=f"write {clipped(mended)}"
        if mended
        else "write conditions such as app == 'web' && has(tier), on one line",
        fix=corrected(manifest, lambda body: _write(body, at, mended)) if mended else None,
    )


def _mended(written: str) -> str:
    """The same selector on one line and with quotes, if that is all that it lacks."""
    if len(written) > _LONGEST_TO_MEND:
        return ""
    on_one_line = " ".join(written.split())
    for each in (on_one_line, _BARE.sub(r"\1\2'\3'", on_one_line)):
        try:
            parse_selector(each)
        except (SelectorError, IntricateSelectorError):
            continue
        return each
    return ""


def _write(body: dict[str, Any], at: str, mended: str) -> None:
    holder = find(body, at.rpartition("/")[0])
    if isinstance(holder, Mapping):
        holder[steps(at)[-1]] = mended  # type: ignore[index]
