"""A workload connects straight, where only the way through a proxy is open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.policy_use import lists_nothing
from transire.review.doctor.proxy_settings import why_direct
from transire.review.doctor.troubles import Trouble, lines_of

ID = "proxy-not-used"
WHETHER = "whether the workload uses the proxy"
NEEDS = ("Pod",)
_PROXY = re.compile(r"proxy|squid|smokescreen|envoy|tinyproxy|egress-?gateway", re.IGNORECASE)


def find(case: Case) -> Iterator[Cause]:
    """Connections to the world of pods that may reach a proxy and nothing else."""
    if case.is_open:
        return
    for trouble in case.troubles:
        if trouble.peers or trouble.is_lookup or case.lets(trouble):
            continue
        if not lists_nothing(case, trouble) or trouble.entity in case.facts.entities:
            continue
        way = next(_ways(case, trouble), None)
        if way is not None:
            yield from _of_pods(case, trouble, *way)


def _ways(case: Case, trouble: Trouble) -> Iterator[tuple[Policy, Rule, str]]:
    """Rules that lead to a proxy: to pods that are one, or to a port of one by its name."""
    for policy in case.governing(trouble):
        for rule in policy.allows:
            if rule.every_port:
                continue
            for pod in case.state.pods:
                shown = f"{pod.namespace}/{pod.name}"
                if not _PROXY.search(shown) and not any(map(_PROXY.search, pod.labels.values())):
                    continue
                if any(case.workload(pod) in each.pods for each in rule.pods):
                    yield policy, rule, f"the proxy {shown}"
            if any(_PROXY.search(each.text) for each in rule.hosts) or (
                rule.blocks and _PROXY.search(policy.ref.name)
            ):
                yield policy, rule, "the proxy"


def _of_pods(
    case: Case, trouble: Trouble, policy: Policy, rule: Rule, proxy: str
) -> Iterator[Cause]:
    why = why_direct(case, trouble)
    if why is None or (why.set and not trouble.events):
        return
    yield Cause(
        id=ID,
        text=(
            f"{trouble.source} connects straight to {trouble.shown} and does not use {proxy}, to "
            f"which {title(policy)} opens the only way out: {why.text}"
        ),
        evidence=(
            *why.evidence,
            case.placed(policy).shows(rule.at, f"the way to {proxy}"),
            *lines_of(trouble.events, f"straight to {trouble.shown}, and denied"),
        ),
        fix=f"set HTTPS_PROXY and HTTP_PROXY for {trouble.source}, and leave its hosts out of "
        "NO_PROXY",
        weight=Weight.PROVEN + 9 if trouble.events else Weight.SHOWN + 6,
    )
