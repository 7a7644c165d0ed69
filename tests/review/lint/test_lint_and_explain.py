"""What lint calls open, explain allows; what it calls closed, explain does not."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
import yaml

from support.engines.case_files import release
from support.review.linting import example, facts_of, manifests_of
from support.shared_data import shared
from transire.engines.api.policy_shape import Block, Policy, Rule
from transire.engines.registry import engine_of, sequence_groups
from transire.flows.pod_set import PodSet, Workload
from transire.flows.port_set import PortSet, Protocol
from transire.helm import read_yaml
from transire.k8s.manifests import Manifest
from transire.k8s.placeholders import placeholder_in
from transire.meaning.premises.metadata_services import WIDESPREAD
from transire.model.engine import Release
from transire.model.net import Address
from transire.model.problems import Level
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Connection, Query, Source, Verdict
from transire.review.lint.context import LintContext
from transire.review.lint.finding import LintFinding
from transire.review.lint.registry import LINT_RULES, lint

OPENS = frozenset(
    {
        "allowlist-undone", "block-covers-pods", "empty-list-opens", "metadata-reachable", "peer-and-ports-apart", "ports-to-anywhere",
    }
)  # fmt: skip
"""Rules whose findings are about a rule that lets something through."""
CLOSES = frozenset({"deny-only", "denied-anyway", "fqdn-without-dns", "host-without-server-name"})
"""Rules whose findings are about what no pod reaches."""

SOMEWHERE = ip_address("203.0.113.77")
CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
Corpus = list[tuple[str, Release, tuple[Manifest, ...]]]


def corpora() -> Corpus:
    """The examples of every page, the cases of lint, and small manifests of others."""
    found: Corpus = [
        (f"{rule.ID} {heading}", release(rule.EXAMPLE), manifests_of(example(rule, heading)))
        for rule in LINT_RULES.values()
        for heading in ("Bad", "Good")
    ]
    for path in CASES:
        header, _, text = path.read_text("utf-8").partition("\n---\n")
        engine = yaml.safe_load(header)["engine"]
        found.append((path.stem, release(engine), manifests_of(text)))
    for path in sorted((shared("cases") or Path("nowhere")).glob("engines/*.yaml")):
        case = yaml.safe_load(path.read_text("utf-8"))
        if "{{" not in case["manifests"]:
            text = case["manifests"]
            read = read_yaml(text, path.name, given=True, sequences=sequence_groups())
            found.append((path.stem, release(case["engine"]), read))
    return [each for each in found if not any(placeholder_in(one.body) for one in each[2])]


CORPORA = corpora()


def claims(context: LintContext, finding: LintFinding) -> Iterator[tuple[Policy, Rule, Workload]]:
    """The rule that a finding is about, and a pod that its policy selects."""
    for policy in context.policies:
        pods = policy.subject
        if finding.rule == "deny-only":
            pods -= PodSet.union(each.subject for each in context.policies if each is not policy)
        pod = pods.witness()
        if policy.manifest.index == finding.manifest and policy.in_force and pod:
            for rule in policy.rules:
                about = (rule.at, rule.at.rpartition("/")[0])
                if finding.path in about or finding.path.startswith(f"{rule.at}/"):
                    yield policy, rule, pod


def port_of(ports: PortSet) -> tuple[int, str] | None:
    """A port of the set that a connection may have."""
    for protocol in (Protocol.TCP, Protocol.UDP):
        for port in (443, 80, 8443, 53, 8080, 22):
            if PortSet.of_port(protocol, port) <= ports:
                return port, protocol.name
    return None


def address_in(block: Block) -> Address | None:
    """An address of the range that stands for no pod, node or service."""
    for place in (77, 1, 0):
        if place < block.cidr.num_addresses:
            address = block.cidr[place]
            if not any(address in each for each in block.excepts):
                return address
    return None


def destinations(rule: Rule, finding: LintFinding) -> Iterator[Address]:
    """Addresses that the rule opens."""
    if finding.rule == "metadata-reachable":
        yield from (
            each.network_address
            for each in WIDESPREAD
            if any(block.holds(each) for block in rule.blocks)
        )
    elif rule.anywhere or rule.world or rule.everything:
        yield SOMEWHERE
    else:
        yield from (found for block in rule.blocks if (found := address_in(block)))


def query(pod: Workload, what: Connection) -> tuple[Query, ClusterState]:
    source = Source(namespace=pod.namespace, labels=dict(pod.labels))
    cluster = ClusterState(namespace_labels={pod.namespace: dict(pod.namespace_labels)})
    return Query(id="1", source=source, what=what), cluster


def verdict(
    manifests: tuple[Manifest, ...], on: Release, pod: Workload, what: Connection
) -> Verdict:
    asked, cluster = query(pod, what)
    return engine_of(on).read(manifests, on, cluster, {}).decide(asked).verdict


def closed(rule: Rule, finding: LintFinding) -> Iterator[Connection]:
    """Connections that the finding calls closed."""
    hosts = [each.text for each in rule.hosts if "*" not in each.text]
    if finding.rule == "host-without-server-name":
        hosts = [
            each.text for each in rule.hosts if each.at == finding.path and "*" not in each.text
        ]
    port = port_of(rule.ports) or (443, "TCP")
    for host in hosts:
        yield Connection(port=port[0], protocol=port[1], host=host)
    if finding.rule == "deny-only":
        yield Connection(port=443, protocol="TCP", ip=SOMEWHERE)
    if finding.rule == "denied-anyway":
        for address in destinations(rule, finding):
            yield Connection(port=port[0], protocol=port[1], ip=address)


def held_against(on: Release, manifests: tuple[Manifest, ...]) -> Iterator[tuple[str, str]]:
    """Each claim of a finding: its rule, and what contradicts it, or the empty string."""
    facts = facts_of(manifests, on)
    context = LintContext.of(manifests, on, facts)
    for finding in lint(manifests, on, facts):
        for _, rule, pod in claims(context, finding):
            if finding.rule in OPENS and not rule.narrowed and (port := port_of(rule.ports)):
                for address in destinations(rule, finding):
                    what = Connection(port=port[0], protocol=port[1], ip=address)
                    found = verdict(manifests, on, pod, what)
                    wrong = found is not Verdict.ALLOW
                    yield finding.rule, f"{finding}: {found} of {what}" if wrong else ""
            if finding.rule in CLOSES and finding.level is Level.ERROR:
                for what in closed(rule, finding):
                    found = verdict(manifests, on, pod, what)
                    wrong = found is Verdict.ALLOW
                    yield finding.rule, f"{finding}: {found} of {what}" if wrong else ""


@pytest.mark.parametrize(("name", "on", "manifests"), CORPORA, ids=[each[0] for each in CORPORA])
def test_lint_and_explain_do_not_contradict_each_other(
    name: str, on: Release, manifests: tuple[Manifest, ...]
) -> None:
    assert [wrong for _, wrong in held_against(on, manifests) if wrong] == [], name


def test_every_kind_of_claim_is_held_against_a_verdict() -> None:
    held = {rule for _, on, manifests in CORPORA for rule, _ in held_against(on, manifests)}

    assert held >= OPENS | CLOSES
