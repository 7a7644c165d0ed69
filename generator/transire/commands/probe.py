"""Probes of one target: the objects that run them, tests for netassert, and what they printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from transire.commands.arguments import StrPath, files_at, folder_at, several
from transire.commands.explain_target import TargetFacts
from transire.commands.named_targets import target_named
from transire.delivery.gitops.manifests_file import ObjectFile, text
from transire.delivery.probe.netassert import netassert, workload
from transire.delivery.probe.objects import Form, Probe
from transire.delivery.probe.plan import Left, Plan, Trying, control_plan
from transire.delivery.probe.wearers import Wearer, wearers
from transire.engines.registry import engine_of
from transire.meaning.target import Target
from transire.model.fallback import ProxyFallback
from transire.model.intent import Mode
from transire.model.names import HostKind, HostPattern
from transire.model.pod_selector import PodSelector
from transire.model.probe import HTTPS, Canary
from transire.model.problems import UsageError
from transire.review.probes.output import Output, read_output, together
from transire.values.load import load
from transire.yamlio import write

_PORT = re.compile(r"(?P<host>.+):(?P<port>[1-9][0-9]{0,4})", re.ASCII)
_PROXY = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?|https?://\[[0-9A-Fa-f:]+\](?::[0-9]{1,5})?"
)
_MAX_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeFile:
    """A file for others to run, as YAML, and what it does not try."""

    text: str
    left: tuple[Left, ...]

    def __repr__(self) -> str:
        return f"<ProbeFile left={len(self.left)}>"


def probe(
    root: StrPath,
    target: str,
    *,
    form: str = Form.JOB,
    hosts: str | Iterable[str] = (),
    proxy: str = "",
    netassert: str = "",
) -> ProbeFile:
    """What tries a target where it runs: objects of Kubernetes, or tests for netassert.

    Args:
        root: the policy repository.
        target: `NAMESPACE.CLUSTER`.
        form: what runs the objects: `job`, `argocd` or `helm-test`.
        hosts: names and addresses to try besides, each with or without a port.
        proxy: the URL of the proxy that hosts are delegated to, as pods have it.
        netassert: `KIND/NAME` of the workload that tests for netassert start from; then these are
            made, and no objects.

    Raises:
        Rejected: with every mistake of the values.
        UsageError: if there is no such target, the platform has no probes, or an argument is none.
    """
    organisation = load(folder_at(root))
    found = target_named(organisation, target)
    trying = _trying(found, hosts=several(hosts), proxy=proxy)
    if netassert:
        return _netassert(found, trying, netassert)
    settings = found.platform.probe
    if settings is None:
        raise UsageError(
            f"{found.platform.path} has no probes; write probe: {{image: ..., canaries: "
            "[{host: example.com}]} there, with an image by its digest"
        )
    plans, without = _plans(found, trying)
    _check_canaries(found, plans[Wearer()])
    made = Probe(
        target=found,
        settings=settings,
        form=Form(form),
        plans=tuple(plans.values()),
        control=control_plan(settings.canaries),
    )
    head = (f"Probes of {found.name}, from its values: transire probe --target {found.name}.",)
    left = {each for plan in plans.values() for each in plan.left} | {
        Left(what=f"pods of {each}", why="no pod meets the conditions that was made up for it")
        for each in without
    }
    return ProbeFile(
        text=text(ObjectFile(objects=made.objects(), head=head)), left=tuple(sorted(left))
    )


def _trying(target: Target, *, hosts: Sequence[str], proxy: str) -> Trying:
    if proxy and not _PROXY.fullmatch(proxy):
        raise UsageError(f"{proxy!r} is no URL of a proxy; write http://proxy.example.com:3128")
    cluster = target.cluster
    lowered = engine_of(cluster.release).lower(target)
    settings = target.platform.probe
    return Trying(
        target=target,
        canaries=() if settings is None else settings.canaries,
        became={
            (each.rule, each.written): tuple(map(HostPattern, each.became))
            for each in lowered.approximated
        },
        delegated=frozenset(
            (each.rule, each.pattern.text) for each in TargetFacts.of(target).delegated
        ),
        by_proxy=isinstance(cluster.fallback, ProxyFallback),
        proxy=proxy,
        names=tuple(map(_typed, hosts)),
    )


def _typed(written: str) -> Canary:
    """A name or an address with its port, as it is typed."""
    parts = None if written.count(":") > 1 and "]" not in written else _PORT.fullmatch(written)
    host, port = (parts["host"], int(parts["port"])) if parts else (written, HTTPS)
    host = host.removeprefix("[").removesuffix("]")
    if port > _MAX_PORT:
        raise UsageError(f"{written!r} has no port; ports end at {_MAX_PORT}")
    try:
        return Canary(address=ip_network(host), port=port)
    except ValueError:
        return _named(host, port, written)


def _named(host: str, port: int, written: str) -> Canary:
    try:
        pattern = HostPattern.parse(host)
    except ValueError as error:
        raise UsageError(f"{written!r} is neither a host nor an address: {error}") from error
    if pattern.kind is not HostKind.EXACT:
        raise UsageError(f"{written!r} has a star; write one name, such as api.example.com:443")
    return Canary(name=pattern.text, port=port)


def _plans(target: Target, trying: Trying) -> tuple[Mapping[Wearer, Plan], tuple[PodSelector, ...]]:
    """What each pod tries, that without labels among them, and selectors without a pod."""
    pods, without = wearers((*target.rules, *target.everyone))
    return {each: trying.plan(each) for each in pods}, without


def _check_canaries(target: Target, bare: Plan) -> None:
    """Refuse a probe that could pass although nothing is denied."""
    if target.mode is Mode.ENFORCE and all(each.want != "deny" for each in bare.attempts):
        raise UsageError(
            f"the rules of {target.name} allow every canary of {target.platform.path}, so that a "
            "probe would not show whether anything is denied; name another canary"
        )


def _netassert(target: Target, trying: Trying, written: str) -> ProbeFile:
    source = workload(written)
    plans, _ = _plans(target, trying)
    plan = plans[Wearer()]
    # the workload may be any pod of the namespace, so that it must not reach what none of them may
    attempts = [
        each
        for each in plan.attempts
        if each.want == "allow" or all(each in other.attempts for other in plans.values())
    ]
    tests, left = netassert(
        attempts,
        source,
        target.namespace,
        server_names=target.cluster.server_names and target.mode is Mode.ENFORCE,
    )
    return ProbeFile(text=write(list(tests)), left=tuple(sorted((*plan.left, *left))))


def probe_results(files: StrPath | Iterable[StrPath]) -> tuple[Output, ...]:
    """What probes printed, judged together with what controls among them show.

    Raises:
        UsageError: if a file is no output of a probe.
    """
    return together(
        [
            read_output(str(each), each.read_text(encoding="utf-8", errors="replace"))
            for each in files_at(files)
        ]
    )
