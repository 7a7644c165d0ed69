"""The rules of lint, and how they are run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, cast

from transire.model.doubt import Doubt
from transire.model.engine import EngineName, Release
from transire.model.manifests import Manifest
from transire.model.problems import Level, Unjudgeable
from transire.review.lint.finding import Facts, Found, LintFinding
from transire.review.lint.review import Review
from transire.review.lint.rules import (
    address_as_host,
    allowlist_undone,
    bare_wildcard,
    block_covers_pods,
    cluster_ip,
    deep_wildcard,
    default_deny_unused,
    denied_anyway,
    deny_before_allow,
    deny_only,
    deny_without_types,
    dns_in_own_namespace,
    dns_over_one_protocol,
    egress_not_in_types,
    empty_egress,
    empty_list_closes,
    empty_list_opens,
    end_port,
    foreign_field,
    fqdn_without_dns,
    global_set_out_of_reach,
    glued_wildcard,
    guessed_namespace_label,
    host_never_asked,
    in_cluster_host,
    metadata_reachable,
    named_port_outside,
    namespace_not_given,
    network_sets_selected,
    no_dns,
    odd_port_number,
    one_family_denied,
    other_namespace,
    other_product,
    pass_in_default_tier,
    peer_and_ports_apart,
    port_range_spelling,
    ports_to_anywhere,
    pruned_field,
    public_suffix_wildcard,
    refused_object,
    selector_syntax,
    selectors_apart,
    selects_host_endpoints,
    selects_nothing,
    selects_system_pods,
    service_port,
    services_with_ports,
    storage_api,
    tier_not_given,
    tier_prefix,
    too_many_ports,
    unlabelled_set,
)

NOT_JUDGED = "not-judged"
"""The rule id of what could not be looked at; a run with one of these has not judged everything."""


class LintRule(Protocol):
    """A module that is a rule of lint; its docstring is its page.

    `ENGINES` are those that it is for, `LEVEL` the most that one of its findings weighs, and
    `EXAMPLE` the release, as `engine@version`, under which the examples on its page hold.
    """

    ID: str
    LEVEL: Level
    ENGINES: frozenset[EngineName]
    EXAMPLE: str
    __doc__: str | None

    def check(self, review: Review) -> Iterator[Found]:
        """Every trap of its kind in the objects."""
        ...


_MODULES = (
    address_as_host,
    allowlist_undone,
    bare_wildcard,
    block_covers_pods,
    cluster_ip,
    deep_wildcard,
    default_deny_unused,
    denied_anyway,
    deny_before_allow,
    deny_only,
    deny_without_types,
    dns_in_own_namespace,
    dns_over_one_protocol,
    egress_not_in_types,
    empty_egress,
    empty_list_closes,
    empty_list_opens,
    end_port,
    foreign_field,
    fqdn_without_dns,
    global_set_out_of_reach,
    glued_wildcard,
    guessed_namespace_label,
    host_never_asked,
    in_cluster_host,
    metadata_reachable,
    named_port_outside,
    namespace_not_given,
    network_sets_selected,
    no_dns,
    odd_port_number,
    one_family_denied,
    other_namespace,
    other_product,
    pass_in_default_tier,
    peer_and_ports_apart,
    port_range_spelling,
    ports_to_anywhere,
    pruned_field,
    public_suffix_wildcard,
    refused_object,
    selector_syntax,
    selectors_apart,
    selects_host_endpoints,
    selects_nothing,
    selects_system_pods,
    service_port,
    services_with_ports,
    storage_api,
    tier_not_given,
    tier_prefix,
    too_many_ports,
    unlabelled_set,
)

LINT_RULES: Mapping[str, LintRule] = MappingProxyType(
    {module.ID: cast("LintRule", module) for module in _MODULES}
)
"""Every rule by its id."""


def lint(manifests: Sequence[Manifest], release: Release, facts: Facts) -> tuple[LintFinding, ...]:
    """The traps in some objects that are applied together, in their order.

    Args:
        manifests: the objects; Services among them help to tell ports apart.
        release: the engine and its version; without one it is the newest that is modelled.
        facts: what the engine's evaluator found in the same objects.
    """
    review = Review.of(manifests, release, facts)
    found = [
        each
        for rule in LINT_RULES.values()
        if release.engine in rule.ENGINES
        for each in _run(rule, review)
    ]
    found += [_not_judged(review, each) for each in (*review.unread, *facts.doubts)]
    return tuple(_in_order(found))


def _run(rule: LintRule, review: Review) -> Iterator[LintFinding]:
    try:
        for each in rule.check(review):
            yield LintFinding(
                rule=rule.ID,
                level=each.level or rule.LEVEL,
                object=each.manifest.ref,
                path=each.path,
                message=each.message,
                help=each.help,
                fix=each.fix,
                manifest=each.manifest.index,
                source=each.manifest.source,
            )
    except Unjudgeable as error:
        first = review.manifests[0]
        yield LintFinding(
            rule=NOT_JUDGED,
            level=Level.ERROR,
            object=first.ref,
            path="",
            message=f"the rule {rule.ID} could not look at these objects together: {error.why}",
            help="give fewer objects at a time, or simplify their selectors",
            manifest=first.index,
            source=first.source,
        )


def _not_judged(review: Review, doubt: Doubt) -> LintFinding:
    manifest = next((each for each in review.manifests if each.ref == doubt.object), None)
    return LintFinding(
        rule=NOT_JUDGED,
        level=Level.ERROR,
        object=doubt.object,
        path=doubt.key,
        message=f"the object was not judged: {doubt.why}",
        help="say it in a way that is modelled, or check it by hand",
        manifest=manifest.index if manifest else 0,
        source=manifest.source if manifest else "",
    )


def _in_order(found: Sequence[LintFinding]) -> list[LintFinding]:
    """Without repetition, and without notes about places where something worse is said."""
    worse = {(each.manifest, each.path) for each in found if each.level is not Level.NOTE}
    kept = dict.fromkeys(
        each for each in found if each.level is not Level.NOTE or not _is_said(each, worse)
    )
    return sorted(kept, key=lambda each: (each.manifest, each.path, each.rule, each.message))


def _is_said(note: LintFinding, worse: set[tuple[int, str]]) -> bool:
    return any(
        manifest == note.manifest and (path == note.path or path.startswith(f"{note.path}/"))
        for manifest, path in worse
        if note.path.count("/") > 1
    )
