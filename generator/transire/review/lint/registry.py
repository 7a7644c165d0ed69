"""The rules of lint, and how they are run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, cast

from transire.engines.registry import ENGINES, engine_of
from transire.k8s.manifests import Manifest
from transire.k8s.placeholders import UNRENDERED
from transire.k8s.unmodelled import Unmodelled
from transire.model.engine import Release
from transire.model.problems import Level, Unjudgeable
from transire.review.lint.applicability import Applicability
from transire.review.lint.context import LintContext
from transire.review.lint.finding import Facts, LintFinding, RuleMatch
from transire.review.lint.merging import NOT_JUDGED, merged
from transire.review.lint.rules.addresses import (
    block_covers_pods,
    cluster_ip,
    metadata_reachable,
    one_family_denied,
    range_misses_cluster,
)
from transire.review.lint.rules.calico import (
    blank_selector,
    deny_before_allow,
    deny_without_types,
    global_set_out_of_reach,
    inner_wildcard,
    network_sets_selected,
    never_reached,
    order_by_name,
    pass_in_default_tier,
    selector_syntax,
    selects_host_endpoints,
    storage_api,
    taken_by_native,
    tier_not_given,
    tier_prefix,
    unlabelled_set,
)
from transire.review.lint.rules.cilium import (
    bare_wildcard,
    deep_wildcard,
    default_deny_unused,
    denied_anyway,
    empty_egress,
    empty_list_closes,
    fqdn_without_dns,
    glued_wildcard,
    host_never_asked,
    host_without_server_name,
    label_no_pod_has,
    null_label,
    odd_port_number,
    other_namespace,
    search_names_refused,
    server_name_before_tls,
    services_with_ports,
    too_many_ports,
)
from transire.review.lint.rules.destinations import (
    allowlist_undone,
    deny_only,
    empty_list_opens,
    filled_by_others,
    peer_and_ports_apart,
)
from transire.review.lint.rules.dns import (
    dns_in_own_namespace,
    dns_over_one_protocol,
    no_dns,
)
from transire.review.lint.rules.hosts import (
    address_as_host,
    in_cluster_host,
    public_suffix_wildcard,
)
from transire.review.lint.rules.objects import (
    egress_not_in_types,
    foreign_field,
    given_twice,
    key_twice,
    lost_on_the_way,
    namespace_not_given,
    no_policy,
    other_product,
    pruned_field,
    refused_object,
    unrendered,
)
from transire.review.lint.rules.ports import (
    end_port,
    named_port_outside,
    port_range_spelling,
    ports_to_anywhere,
    service_port,
)
from transire.review.lint.rules.selectors import (
    guessed_namespace_label,
    selectors_apart,
    selects_nothing,
    selects_system_pods,
)

UNJUDGED = frozenset({NOT_JUDGED, UNRENDERED})
"""Rule ids of findings with which a run has not judged everything."""


class LintRule(Protocol):
    """A module that is a rule of lint; its docstring is its page.

    `APPLIES` decides which engines it is for, `LEVEL` the most that one of its findings weighs, and
    `EXAMPLE` the release, as `engine@version`, under which the examples on its page hold.
    """

    ID: str
    LEVEL: Level
    APPLIES: Applicability
    EXAMPLE: str
    __doc__: str | None

    def check(self, context: LintContext) -> Iterator[RuleMatch]:
        """Every trap of its kind in the objects."""
        ...


_MODULES = (
    address_as_host,
    allowlist_undone,
    bare_wildcard,
    blank_selector,
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
    filled_by_others,
    foreign_field,
    fqdn_without_dns,
    global_set_out_of_reach,
    given_twice,
    glued_wildcard,
    guessed_namespace_label,
    host_never_asked,
    host_without_server_name,
    in_cluster_host,
    inner_wildcard,
    key_twice,
    label_no_pod_has,
    lost_on_the_way,
    metadata_reachable,
    named_port_outside,
    namespace_not_given,
    network_sets_selected,
    never_reached,
    no_dns,
    no_policy,
    null_label,
    odd_port_number,
    one_family_denied,
    order_by_name,
    other_namespace,
    other_product,
    pass_in_default_tier,
    peer_and_ports_apart,
    port_range_spelling,
    ports_to_anywhere,
    pruned_field,
    public_suffix_wildcard,
    range_misses_cluster,
    refused_object,
    search_names_refused,
    server_name_before_tls,
    selector_syntax,
    selectors_apart,
    selects_host_endpoints,
    selects_nothing,
    selects_system_pods,
    service_port,
    services_with_ports,
    storage_api,
    taken_by_native,
    tier_not_given,
    tier_prefix,
    too_many_ports,
    unlabelled_set,
    unrendered,
)

LINT_RULES: Mapping[str, LintRule] = MappingProxyType(
    {module.ID: cast("LintRule", module) for module in _MODULES}
)
"""Every rule by its id."""


def engines_of(rule: LintRule) -> tuple[str, ...]:
    """The names of the engines that a rule is for."""
    return tuple(name for name, engine in ENGINES.items() if rule.APPLIES(engine))


def lint(manifests: Sequence[Manifest], release: Release, facts: Facts) -> tuple[LintFinding, ...]:
    """The traps in some objects that are applied together, in their order.

    Args:
        manifests: the objects; Services among them help to distinguish ports.
        release: the engine and its version; without one it is the newest that is modelled.
        facts: what the engine's reading found in the same objects.
    """
    engine, context = engine_of(release), LintContext.of(manifests, release, facts)
    found = [
        each for rule in LINT_RULES.values() if rule.APPLIES(engine) for each in _run(rule, context)
    ]
    by_ref = {each.ref: each for each in reversed(context.manifests)}
    found += [_not_judged(by_ref.get(each.object), each) for each in _unseen(context)]
    return tuple(merged(found))


def _run(rule: LintRule, context: LintContext) -> Iterator[LintFinding]:
    try:
        for each in rule.check(context):
            yield _finding(rule, each)
    except Unjudgeable as error:
        first = context.manifests[0]
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


def _finding(rule: LintRule, match: RuleMatch) -> LintFinding:
    line, column = match.manifest.place(match.path)
    return LintFinding(
        rule=rule.ID,
        level=match.level or rule.LEVEL,
        object=match.manifest.ref,
        path=match.path,
        message=match.message,
        help=match.help,
        fix=match.fix,
        manifest=match.manifest.index,
        source=match.manifest.source,
        line=line,
        column=column,
    )


def _unseen(context: LintContext) -> Iterator[Unmodelled]:
    """What no rule could look at: a verdict may depend on more than what makes a trap."""
    yield from context.unread
    looked_at = {policy.ref for policy in context.policies}
    yield from (each for each in context.facts.unmodelled if each.object not in looked_at)


def _not_judged(manifest: Manifest | None, entry: Unmodelled) -> LintFinding:
    line, column = manifest.place(entry.key) if manifest else (0, 0)
    return LintFinding(
        rule=NOT_JUDGED,
        level=Level.ERROR,
        object=entry.object,
        path=entry.key,
        message=f"the object was not judged: {entry.why}",
        help="write it with fields that are modelled, or check it by hand",
        manifest=manifest.index if manifest else 0,
        source=manifest.source if manifest else "",
        line=line,
        column=column,
    )
