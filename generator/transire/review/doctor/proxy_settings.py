"""Which proxy the environment of a pod names, and for which hosts it does not count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from transire.k8s.json_pointer import inner, maps, text
from transire.review.doctor.case import Case
from transire.review.doctor.findings import Evidence
from transire.review.doctor.placed import Placed
from transire.review.doctor.troubles import Trouble

_SETS = ("https_proxy", "http_proxy", "all_proxy")
_WITHOUT = "no_proxy"
_JAVA = re.compile(r"-Dhttps?\.proxyHost=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """Why a pod connects straight, and what shows it; `set`: a proxy is named for the host."""

    text: str
    evidence: tuple[Evidence, ...]
    set: bool = False


def why_direct(case: Case, trouble: Trouble) -> Direct | None:
    """Why the first pod of a trouble would connect straight; None where the pod is not given."""
    placed = case.object_of(trouble.pods[0]) if trouble.pods else None
    if placed is None:
        return None
    variables = list(_variables(placed))
    sets = [each for each in variables if each[1].lower() in _SETS or _JAVA.search(each[2])]
    if not sets:
        where = placed.shows("/spec/containers", "no variable names a proxy")
        return Direct(text="no variable such as HTTPS_PROXY is set", evidence=(where,))
    for at, name, value in variables:
        entry = next((e for e in _entries(name, value) if _covers(e, trouble)), None)
        if entry is not None:
            shown = placed.shows(at, f"{name} has {entry}")
            return Direct(text=f"{name} has {entry}, which is for it", evidence=(shown,))
    at, name, _ = sets[0]
    if name.lower() == "http_proxy" and trouble.port == _TLS and len(sets) == 1:
        shown = placed.shows(at, f"{name} alone")
        return Direct(text="HTTP_PROXY is set, and HTTPS_PROXY is not", evidence=(shown,))
    return Direct(
        text="it does not heed the variables of its environment",
        evidence=(placed.shows(at, f"{name} is set"),),
        set=True,
    )


_TLS = 443


def _variables(placed: Placed) -> Iterator[tuple[str, str, str]]:
    spec = inner(placed.manifest.body, "spec")
    for at, container in maps(spec, "containers", "/spec"):
        for where, each in maps(container, "env", at):
            yield where, text(each, "name"), text(each, "value")


def _entries(name: str, value: str) -> list[str]:
    if name.lower() != _WITHOUT:
        return []
    return [each.strip() for each in value.split(",") if each.strip()]


def _covers(entry: str, trouble: Trouble) -> bool:
    tail = entry.lstrip("*").lstrip(".").partition(":")[0].lower()
    if not tail:
        return True
    return any(host == tail or host.endswith(f".{tail}") for host in trouble.hosts) or (
        bool(trouble.address) and tail == trouble.address
    )
