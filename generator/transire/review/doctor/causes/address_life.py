"""An application keeps an address for longer than its answer lives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from transire.flowlogs.located import Located
from transire.k8s.json_pointer import inner, items, maps, text
from transire.k8s.typed_decoding import pointer
from transire.review.doctor.case import Case
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.placed import Placed
from transire.review.doctor.policy_use import listed_host
from transire.review.doctor.troubles import How, Trouble, flow, lines_of, lookup

ID = "address-outlives-answer"
WHETHER = "whether the application keeps an address for longer than its answer lives"
NEEDS = ("Pod",)
_KEEPS = re.compile(
    r"inetaddr\.(?:negative\.)?ttl|networkaddress\.cache|dns[_.-]?cache|cacheable-lookup|\bnscd\b"
    r"|\bdnsmasq\b|proxy_pass|resolver_timeout",
    re.IGNORECASE,
)
_RUNTIME = re.compile(
    r"java|jre|jdk|temurin|corretto|graalvm|spring|tomcat|wildfly|jboss|nginx|kafka|scala|kotlin",
    re.IGNORECASE,
)
_UNKNOWN_TTL = 300
"""Seconds that an answer is taken to live where its log has no TTL."""
_SECONDS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|)")


def find(case: Case) -> Iterator[Cause]:
    """Addresses that were denied after the answer that had them had expired."""
    if case.is_open:
        return
    kept = kept_for(case)
    for trouble in case.troubles:
        if trouble.how is not How.DENIED or trouble.names or not trouble.address:
            continue
        for host in trouble.asked:
            if listed_host(case, trouble, host) is None:
                continue
            late = _late(case, trouble, host, kept)
            if late is None:
                continue
            keeps = list(_keeps(case, trouble))
            if keeps:
                yield _cause(case, trouble, host, late, keeps)


def kept_for(case: Case) -> float:
    """Seconds for which the agent keeps an address after its answer has expired."""
    return max((seconds(case.setting(each)) for each in case.facts.keeps), default=0.0)


def seconds(written: str) -> float:
    """A number of seconds or a duration such as `1m30s`; 0 where it is none."""
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(written))


def _late(case: Case, trouble: Trouble, host: str, kept: float) -> tuple[Located, float] | None:
    """The last answer before a denial that comes too late for it, and the seconds between."""
    for event in sorted(trouble.events, key=lambda each: flow(each).first or 0.0):
        at = flow(event).first
        if at is None:
            continue
        before = [
            each
            for each in case.seen.answers(host, trouble.address)
            if (when := lookup(each).first) is not None and when <= at
        ]
        if not before:
            continue
        last = max(before, key=lambda each: lookup(each).first or 0.0)
        record = lookup(last)
        passed = at - (record.first or 0.0)
        lives = _UNKNOWN_TTL if record.ttl is None else record.ttl
        if passed > max(lives, kept):
            return last, passed
    return None


def _keeps(case: Case, trouble: Trouble) -> Iterator[Evidence]:
    """What of the pods shows that they keep addresses."""
    for pod in trouble.pods[:1]:
        placed = case.object_of(pod)
        if placed is not None:
            yield from _of_pod(placed)
            yield from _of_configs(case, placed)


def _of_pod(placed: Placed) -> Iterator[Evidence]:
    spec = inner(placed.manifest.body, "spec")
    for at, container in maps(spec, "containers", "/spec"):
        for where, variable in maps(container, "env", at):
            found = _KEEPS.search(text(variable, "value"))
            if found:
                yield placed.shows(where, f"{text(variable, 'name')} sets {found[0]}")
        for key in ("command", "args"):
            for place, word in enumerate(items(container, key)):
                found = _KEEPS.search(word) if isinstance(word, str) else None
                if found:
                    yield placed.shows(f"{at}{pointer(key, place)}", f"it sets {found[0]}")
        image = text(container, "image")
        runtime = _RUNTIME.search(image.rpartition("/")[2])
        if runtime:
            yield placed.shows(
                f"{at}/image", f"{image} is a runtime ({runtime[0]}) with an own cache of names"
            )


def _of_configs(case: Case, pod: Placed) -> Iterator[Evidence]:
    for each in case.objects.of("ConfigMap"):
        if each.manifest.ref.namespace != pod.manifest.ref.namespace:
            continue
        data: Mapping[str, object] = inner(each.manifest.body, "data")
        for key, value in data.items():
            found = _KEEPS.search(value) if isinstance(value, str) else None
            if found:
                yield each.shows(f"/data{pointer(key)}", f"it sets {found[0]}")


def _cause(
    case: Case,
    trouble: Trouble,
    host: str,
    late: tuple[Located, float],
    keeps: list[Evidence],
) -> Cause:
    answer, passed = late
    ttl = lookup(answer).ttl
    lives = "the log has no TTL" if ttl is None else f"the answer lives {ttl} seconds"
    kept = kept_for(case)
    agent = f"the agent keeps it {kept:.0f} seconds" if kept else "the agent keeps it no longer"
    return Cause(
        id=ID,
        text=(
            f"{trouble.source} keeps the address {trouble.address} of {host} beyond its TTL: "
            f"{lives} and {agent}, and {passed:.0f} seconds after it a new "
            "connection without a lookup is dropped"
        ),
        evidence=(
            *keeps[:2],
            *lines_of((answer,), f"the lookup before, TTL {ttl}"),
            *lines_of(trouble.events, "later the same address has no name any more"),
            *_settings(case),
        ),
        fix=_fix(case, trouble),
        weight=Weight.PROVEN + 6,
    )


def _settings(case: Case) -> Iterator[Evidence]:
    for name in case.facts.keeps:
        found = case.settings.get(name)
        if found:
            where = case.objects.where(found.manifest)
            yield where.shows(found.at, f"{name} is {found.value}")


def _fix(case: Case, trouble: Trouble) -> str:
    names = " or ".join(case.facts.keeps)
    agent = f", or raise {names} of the agent above what the application keeps" if names else ""
    return f"let {trouble.source} look names up again within their TTL{agent}"
