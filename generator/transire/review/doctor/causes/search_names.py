"""A search name is refused, and the resolver library stops before it asks for the plain name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from transire.k8s.json_pointer import inner, items, maps, text
from transire.queries.cluster_state import Pod
from transire.queries.query import Deciding
from transire.review.doctor.case import Case
from transire.review.doctor.findings import Cause, Evidence, Weight
from transire.review.doctor.troubles import How, Trouble, lines_of

ID = "search-names-refused"
WHETHER = "whether a name with a search suffix is refused before the plain one is queried"
NEEDS = ("Pod",)
_USUAL_NDOTS = 5


def find(case: Case) -> Iterator[Cause]:
    """Names with a suffix that rules refuse, where they let the plain name through."""
    name, value = case.facts.refuses_with
    if not name or case.setting(name) == value or case.is_open:
        return
    for trouble in (*case.troubles, *_assumed(case)):
        if trouble.how is not How.REFUSED or not trouble.pods:
            continue
        plain = plain_name(case, trouble)
        if plain is None or not case.denies(trouble):
            continue
        ndots = ndots_of(case, trouble.pods[0])
        if ndots is None or plain.count(".") >= ndots:
            continue
        yield _cause(case, trouble, plain, ndots)


def _assumed(case: Case) -> Iterator[Trouble]:
    """The first search name of hosts that a symptom about names has, where no log shows any."""
    if case.seen.lookups or not case.symptom.is_about_names:
        return
    for each in case.troubles:
        if each.how is How.ASSUMED and each.names:
            name = f"{each.names[0]}.{case.namespace}.svc.cluster.local"
            yield replace(each, how=How.REFUSED, names=(name,), port=53, protocol="UDP")


def plain_name(case: Case, trouble: Trouble) -> str | None:
    """The name without the suffix, where that is let through."""
    name = trouble.names[0]
    for suffix in _suffixes(case, trouble.pods[0]):
        plain = name.removesuffix(f".{suffix}")
        if plain != name and "." in plain and case.lets(replace(trouble, names=(plain,))):
            return plain
    return None


def _suffixes(case: Case, pod: Pod) -> Iterator[str]:
    yield from (f"{case.namespace}.svc.cluster.local", "svc.cluster.local", "cluster.local")
    placed = case.object_of(pod)
    config = inner(placed.manifest.body, "spec", "dnsConfig") if placed else {}
    yield from (each for each in items(config, "searches") if isinstance(each, str))


def ndots_of(case: Case, pod: Pod) -> int | None:
    """The dots from which a pod asks for the plain name first; None where the pod is not given."""
    placed = case.object_of(pod)
    if placed is None:
        return None
    config = inner(placed.manifest.body, "spec", "dnsConfig")
    for _, option in maps(config, "options", ""):
        if text(option, "name") == "ndots" and text(option, "value").isdecimal():
            return int(text(option, "value"))
    return _USUAL_NDOTS


def _cause(case: Case, trouble: Trouble, plain: str, ndots: int) -> Cause:
    found = case.decide(trouble)
    deciding = found.decided_by if found else None
    rules = f"the DNS rules of {title_of(deciding)}" if deciding else "the DNS rules of its pods"
    return Cause(
        id=ID,
        text=(
            f"with ndots:{ndots} {trouble.source} first queries {trouble.names[0]}, a search name "
            f"that {rules} do not list; it is refused, and the resolver library stops before it "
            f"queries {plain}"
        ),
        evidence=tuple(_evidence(case, trouble, deciding, ndots)),
        fix=(
            f"let the pods query every name, or add the search names, or set ndots:1 for "
            f"{trouble.source}, or let refused names be answered as names that do not exist"
        ),
        weight=Weight.PROVEN + 9 if trouble.events else Weight.SHOWN,
    )


def title_of(deciding: Deciding) -> str:
    """The object of a verdict, for people."""
    ref = deciding.object
    return f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name


def _evidence(
    case: Case, trouble: Trouble, deciding: Deciding | None, ndots: int
) -> Iterator[Evidence]:
    placed = case.of_ref(deciding.object) if deciding else None
    if placed and deciding:
        yield placed.shows(deciding.rule, "the plain name is listed, and no search name")
    yield from lines_of(trouble.events, f"{trouble.names[0]} is refused")
    pod = case.object_of(trouble.pods[0])
    if pod:
        yield pod.shows("/spec/dnsConfig", f"{trouble.source} has ndots:{ndots}")
    name, _ = case.facts.refuses_with
    setting = case.settings.get(name)
    if setting:
        where = case.objects.where(setting.manifest)
        yield where.shows(setting.at, f"names are refused with {setting.value}")
