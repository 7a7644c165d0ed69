"""The proxy on the way refuses a host, or cannot reach it."""

from __future__ import annotations

from collections.abc import Iterator

from transire.flowlogs.located import Located
from transire.k8s.json_pointer import inner
from transire.k8s.typed_decoding import pointer
from transire.review.doctor.case import Case
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.troubles import How, Trouble, lines_of

ID = "proxy-refuses"
WHETHER = "whether the proxy allows the host"
NEEDS = ()


def find(case: Case) -> Iterator[Cause]:
    """Requests that a proxy denied, and those for which it wrote the response itself."""
    if case.is_open:
        return
    for trouble in case.proxied:
        own = [each for each in trouble.events if _is_own(each)]
        if trouble.how is How.DENIED:
            yield _denied(case, trouble)
        elif trouble.how is How.FAILED and own:
            yield _unreached(trouble, own)


def _is_own(event: Located) -> bool:
    return event.detail.own is True and event.detail.reached is not True


def _denied(case: Case, trouble: Trouble) -> Cause:
    status = trouble.events[0].detail.status
    lists = list(_lists(case, trouble))
    listed = "and its list does not have it" if lists else "and it denies the host"
    code = f" ({status})" if status else ""
    return Cause(
        id=ID,
        text=(
            f"the proxy refuses {trouble.shown} itself{code}: policies let {trouble.source} reach "
            f"the proxy, {listed}"
        ),
        evidence=(*lists, *lines_of(trouble.events, f"the proxy denies {trouble.shown}")),
        fix=f"add {trouble.hosts[0] if trouble.hosts else trouble.shown} to the proxy's list",
        weight=Weight.PROVEN + 8,
    )


def _lists(case: Case, trouble: Trouble) -> Iterator[Evidence]:
    """ConfigMaps with hosts that the proxy let through, and not this one."""
    passed = {
        name
        for each in case.collector.all
        if each.proxied and each.how is How.PASSED
        for name in each.hosts
    }
    for placed in case.objects.of("ConfigMap"):
        for key, value in inner(placed.manifest.body, "data").items():
            text = value if isinstance(value, str) else ""
            if any(name in text for name in passed) and not any(e in text for e in trouble.hosts):
                yield placed.shows(f"/data{pointer(key)}", "a list of hosts without this one")


def _unreached(trouble: Trouble, own: list[Located]) -> Cause:
    status = own[0].detail.status
    return Cause(
        id=ID,
        text=(
            f"the proxy allows {trouble.shown} and cannot reach it: it answers {status} with a "
            "page of its own, since it found no address or got no connection"
        ),
        evidence=lines_of(own, f"no connection to {trouble.shown}"),
        fix="look whether the proxy's own pods may resolve and reach the host",
        weight=Weight.PROVEN + 4,
    )
