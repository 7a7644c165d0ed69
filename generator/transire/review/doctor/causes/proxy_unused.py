"""A workload connects straight, where only the way through a proxy is open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transire.engines.api.policy_shape import Policy, Rule
from transire.k8s.json_pointer import maps, text
from transire.queries.cluster_state import Pod
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.policy_use import lists_nothing
from transire.review.doctor.troubles import Trouble, lines_of

ID = "proxy-not-used"
WHETHER = "whether the workload uses the proxy"
NEEDS = ("Pod",)
_PROXY = re.compile(r"proxy|squid|smokescreen|envoy|tinyproxy|egress-?gateway", re.IGNORECASE)
_ALL = frozenset({"*"})
_SETS = ("https_proxy", "http_proxy", "all_proxy")
_WITHOUT = "no_proxy"
_JAVA = re.compile(r"-Dhttps?\.proxyHost=")


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
    pod = trouble.pods[0]
    placed = case.object_of(pod)
    if placed is None:
        return
    why = _why(case, trouble, pod)
    if why is None:
        return
    text_, shown = why
    yield Cause(
        id=ID,
        text=(
            f"{trouble.source} connects straight to {trouble.shown} and does not use {proxy}, to "
            f"which {title(policy)} opens the only way out: {text_}"
        ),
        evidence=(
            *shown,
            case.placed(policy).shows(rule.at, f"the way to {proxy}"),
            *lines_of(trouble.events, f"straight to {trouble.shown}, and denied"),
        ),
        fix=f"set HTTPS_PROXY and HTTP_PROXY for {trouble.source}, and leave its hosts out of "
        "NO_PROXY",
        weight=Weight.PROVEN + 9 if trouble.events else Weight.SHOWN + 6,
    )


def _why(case: Case, trouble: Trouble, pod: Pod) -> tuple[str, list[Evidence]] | None:
    placed = case.object_of(pod)
    if placed is None:
        return None
    variables = list(_variables(placed.manifest.body.get("spec")))
    sets = [each for each in variables if each[1].lower() in _SETS or _JAVA.search(each[2])]
    if not sets:
        where = [placed.shows("/spec/containers", "no variable names a proxy")]
        return "no variable such as HTTPS_PROXY is set", where
    for at, name, value in variables:
        if name.lower() != _WITHOUT:
            continue
        entry = next((e for e in _entries(value) if _covers(e, trouble)), None)
        if entry is not None:
            return (
                f"{name} has {entry}, which is for it",
                [placed.shows(at, f"{name} has {entry}")],
            )
    at, name, _ = sets[0]
    if name.lower() == "http_proxy" and not any(e[1].lower() == "https_proxy" for e in sets):
        return "HTTP_PROXY is set, and HTTPS_PROXY is not", [placed.shows(at, f"{name} alone")]
    return "it does not heed the variables of its environment", [placed.shows(at, f"{name} is set")]


def _variables(spec: object) -> Iterator[tuple[str, str, str]]:
    tree = spec if isinstance(spec, dict) else {}
    for at, container in maps(tree, "containers", "/spec"):
        for where, each in maps(container, "env", at):
            yield where, text(each, "name"), text(each, "value")


def _entries(value: str) -> list[str]:
    return [each.strip() for each in value.split(",") if each.strip()]


def _covers(entry: str, trouble: Trouble) -> bool:
    tail = entry.lstrip("*").lstrip(".").partition(":")[0].lower()
    if entry in _ALL:
        return True
    return any(host == tail or host.endswith(f".{tail}") for host in trouble.hosts) or (
        bool(trouble.address) and tail == trouble.address
    )
