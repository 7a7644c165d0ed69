"""Every rule there is, in one place: what lists and explains them knows every room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

from transire.commands.docstring_page import page
from transire.delivery.gitops import renamed_release
from transire.delivery.gitops.rule_ids import MISTAKES as OF_CHARTS
from transire.delivery.proxy.rule_ids import MISTAKES as OF_PROXIES
from transire.engines.rule_ids import MISTAKES as OF_ENGINES
from transire.model.problems import Level, UsageError
from transire.model.rule_page import RuleKind, RulePage, brief
from transire.points.rule_ids import MISTAKES as OF_POINTS
from transire.review.lint.registry import LINT_RULES, engines_of
from transire.review.proof.rule_ids import MISTAKES as OF_THE_PROOF
from transire.values.guardrails.registry import FIXED, GUARDRAILS
from transire.values.rule_ids import MISTAKES as OF_VALUES

_ORDER = tuple(RuleKind)

_OWN: tuple[RulePage, ...] = (
    *brief(
        RuleKind.CHECK,
        Level.ERROR,
        {
            "cluster-file": "The cluster file has another form.",
            "expectation": "A flow is not what `tests/egress` expects of it.",
            "expectation-unjudged": "A flow of `tests/egress` cannot be judged.",
            "dirty-tree": "The working tree has changes that are not committed.",
            "mesh-pods": "A mesh tells namespaces apart, and a rule is for some pods of one.",
            "no-commit": "Charts are published from a commit, and there is none.",
            "not-committed": "A file on the disk is not the commit's.",
            "not-yaml": "A manifest is not YAML, or no object.",
            "unrendered": "A manifest has a placeholder that is not filled in.",
            "query": "A question is not of the form that `explain` takes.",
            "strange-object": "A chart renders an object, or metadata of one, that is not ours.",
            "vendor-file": "A vendor's file is not whole, or has another form than it had.",
            "version-behind": "The version of a chart does not match what its changes mean.",
            "tag-moved": "A published version leads to other content than what was published.",
            "version-published": "Other content is published under this version.",
        },
    ),
    *brief(
        RuleKind.CHECK,
        Level.WARNING,
        {
            "ignored-values": "Git ignores a values file, so it is read here and in no commit.",
            "kustomization-not-applied": "A kustomization may change an object that was read.",
            "unreadable-base": "A file of the base cannot be read, so a rename may go unseen.",
        },
    ),
    *brief(
        RuleKind.NOTE,
        Level.NOTE,
        {
            "no-base": "There is no earlier commit to compare versions with.",
            "not-looked-at": "Beside mistakes in values, charts that depend on them are left out.",
        },
    ),
)


@cache
def all_rules() -> tuple[RulePage, ...]:
    """Every id that a finding can show, guardrails first, each kind sorted by id.

    An id may be there twice, where lint and `check` use the same word.
    """
    kept = {
        (each.kind, each.id): each
        for each in (
            *_guardrails(),
            *_lint(),
            *OF_VALUES,
            *OF_ENGINES,
            *OF_CHARTS,
            *OF_POINTS,
            *OF_PROXIES,
            *OF_THE_PROOF,
            *_OWN,
        )
    }
    return tuple(sorted(kept.values(), key=lambda each: (_ORDER.index(each.kind), each.id)))


def rules(rule: str | None = None, *, every: bool = False) -> tuple[RulePage, ...]:
    """Guardrails and rules of lint, with `every` all other ids too, or the pages of one id.

    Raises:
        UsageError: if there is no such id.
    """
    pages = all_rules()
    if rule is None:
        listed = {RuleKind.GUARDRAIL, RuleKind.LINT}
        return tuple(each for each in pages if every or each.kind in listed)
    found = pages_of().get(rule)
    if found is None:
        close = get_close_matches(rule, [each.id for each in pages], n=1)
        hint = f"did you mean {close[0]}?" if close else "`transire rules --all` lists them"
        raise UsageError(f"there is no rule {rule!r}; {hint}")
    return tuple(found)


@cache
def pages_of() -> Mapping[str, Sequence[RulePage]]:
    """Pages by id."""
    found: dict[str, list[RulePage]] = {}
    for each in all_rules():
        found.setdefault(each.id, []).append(each)
    return MappingProxyType(found)


def _guardrails() -> list[RulePage]:
    kind = RuleKind.GUARDRAIL
    renamed = renamed_release.ID, renamed_release.LEVEL, renamed_release.__doc__
    changeable = [*((each.ID, each.LEVEL, each.__doc__) for each in GUARDRAILS.values()), renamed]
    return [
        *(page(rule, kind, level, text, changeable=True) for rule, level, text in changeable),
        *(page(each.ID, kind, each.LEVEL, each.__doc__) for each in FIXED.values()),
    ]


def _lint() -> list[RulePage]:
    return [
        page(each.ID, RuleKind.LINT, each.LEVEL, each.__doc__, engines=engines_of(each))
        for each in LINT_RULES.values()
    ]
