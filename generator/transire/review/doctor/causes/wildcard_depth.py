"""A pattern of hosts does not reach as deep as it seems to, by engine and release."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transire.engines.api.policy_shape import HostName, Policy, Rule
from transire.model.engine import Release, Version
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.policy_use import listed_host
from transire.review.doctor.troubles import Trouble, lines_of

ID = "wildcard-too-shallow"
WHETHER = "whether a pattern matches names with more or with fewer labels"
NEEDS = ()


def find(case: Case) -> Iterator[Cause]:
    """Patterns below whose domain a host is, and which do not match it."""
    if case.is_open:
        return
    for trouble in case.troubles:
        if trouble.peers or case.lets(trouble):
            continue
        hosts = [each for each in trouble.hosts if each in case.symptom.hosts] or trouble.hosts
        for host in hosts:
            if listed_host(case, trouble, host) is None:
                yield from _patterns(case, trouble, host)


def _patterns(case: Case, trouble: Trouble, host: str) -> Iterator[Cause]:
    for policy in case.governing(trouble):
        for rule in policy.rules:
            if not policies.allows(rule):
                continue
            for pattern in rule.hosts:
                domain = _domain(pattern)
                if domain and (host == domain or host.endswith(f".{domain}")):
                    yield _cause(case, trouble, host, (policy, rule, pattern))


def _domain(pattern: HostName) -> str:
    """What stands after the wildcards, where that is a domain."""
    tail = re.sub(r"^[*.]+", "", pattern.text)
    return tail if pattern.text != tail and "*" not in tail else ""


def _cause(case: Case, trouble: Trouble, host: str, found: tuple[Policy, Rule, HostName]) -> Cause:
    policy, rule, pattern = found
    domain = _domain(pattern)
    labels = host.removesuffix(domain).strip(".").count(".") + 1 if host != domain else 0
    engine = (
        f"{case.engine.title} {case.release.version}"
        if case.release.version
        else (case.engine.title)
    )
    how = (
        f"{host} has {labels} labels before {domain}, and a wildcard stands for one label alone"
        if labels > 1
        else f"a wildcard does not stand for {domain} itself"
    )
    if labels == 1:
        how = f"the wildcard of {engine} does not stand for {host}"
    how += _since(case, policy, pattern, host)
    return Cause(
        id=ID,
        text=(
            f"the pattern {pattern.text} of {title(policy)} does not match {host} on {engine}: "
            f"{how}"
        ),
        evidence=(
            case.placed(policy).shows(pattern.at or rule.at, f"the pattern {pattern.text}"),
            *lines_of(trouble.events, f"{host} is {trouble.how}"),
        ),
        fix=_fix(case, policy, host, domain),
        weight=Weight.PROVEN + 8 if trouble.events else Weight.SHOWN + 8,
    )


def _since(case: Case, policy: Policy, pattern: HostName, host: str) -> str:
    """From which release on the same pattern matches, if one does."""
    api = case.api_of(policy)
    for line in case.engine.releases.lines:
        release = Release(engine=case.release.engine, version=Version(major=line[0], minor=line[1]))
        if policies.matches_host(api.host_labels(pattern.text, release), host):
            return f" before {case.engine.title} {release.version}"
    return ""


def _fix(case: Case, policy: Policy, host: str, domain: str) -> str:
    deeper = f"**.{domain}"
    api = case.api_of(policy)
    knows = policies.matches_host(api.host_labels(deeper, case.release), host)
    beside = f", or write {deeper}" if knows and deeper != domain else ""
    return f"list {host} itself{beside}"
