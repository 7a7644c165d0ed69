"""What NetworkPolicy allows by its API documentation, whatever engine enforces it.

Policies only add: a pod that none selects for egress may reach everything, any other pod reaches
what some rule of some policy allows. Where the documentation leaves the meaning to the engine, no
verdict is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from transire.engines.api.networkpolicy_notes import networkpolicy_refused
from transire.engines.api.policy_kinds import is_foreign_policy
from transire.engines.api.reading import OtherReading
from transire.engines.kubernetes.sets import policy_flows, policy_products
from transire.engines.kubernetes.verdicts import Destination, Extent, rule_extent
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.products import Product
from transire.flows.source_pods import Sources
from transire.k8s.admission import Pruned, Refused
from transire.k8s.api_kinds import group_of, refusal, unserved
from transire.k8s.cluster_policies import GROUP as CLUSTER_GROUP
from transire.k8s.manifests import Manifest
from transire.k8s.networkpolicy import (
    NetworkPolicy,
    ParsedPolicies,
    is_networkpolicy,
    parse_networkpolicies,
)
from transire.k8s.unmodelled import Unmodelled
from transire.model.engine import Release
from transire.model.problems import UsageError
from transire.queries.assumed_facts import AssumedFacts
from transire.queries.cluster_state import EMPTY, ClusterState
from transire.queries.directory import Directory, NotFoundError, Place
from transire.queries.pod_questions import PodQuestions, Regions, unclear, unjudgeable
from transire.queries.query import (
    Caveat,
    Connection,
    Deciding,
    Decision,
    DnsQuery,
    Query,
    Source,
    Verdict,
)
from transire.queries.with_caveats import WithCaveats

BLOCK_INSIDE = Caveat(
    id="ip-block-inside",
    text="ipBlock is meant for addresses outside: Cilium's never covers pods and nodes, others do",
)
_FREE = Decision(
    verdict=Verdict.ALLOW, reason="no policy selects the pod for egress, so nothing is denied"
)
_CACHED = 4096
_STRICT = "1.36"
"""Since then an API server refuses ranges that it took before."""
_PORTED = ("TCP", "UDP", "SCTP")


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesReading:
    """What the cluster takes, what it drops, and what the policies allow."""

    refused: tuple[Refused, ...]
    pruned: tuple[Pruned, ...]
    unmodelled: tuple[Unmodelled, ...]
    policies: tuple[NetworkPolicy, ...]
    directory: Directory
    regions: Regions
    facts: AssumedFacts
    _made: WithCaveats = field(default_factory=WithCaveats, compare=False, repr=False)
    _pods: dict[tuple[str, str, frozenset[tuple[str, str]]], _Questions] = field(
        default_factory=dict, compare=False, repr=False
    )

    def decide(self, query: Query) -> Decision:
        """The verdict for one flow, never a guess: what is not modelled is unjudgeable."""
        for entry in self.unmodelled:
            if entry.object.namespace in {"", query.source.namespace}:
                return unjudgeable(entry)
        if query.options:
            return unclear(f"the option {min(query.options)!r} is not modelled")
        try:
            questions = self._questions(query.source)
            return self._made.of(questions.decide(query.what), questions.caveats)
        except NotFoundError as error:
            return unclear(str(error))

    def alternatives(self) -> tuple[OtherReading, ...]:
        """None: there is one way to read them."""
        return ()

    def others_fill(
        self, source: PodSet | Sources, declared: Mapping[str, str]
    ) -> Iterator[Unmodelled]:
        """Nothing of a NetworkPolicy refers to other objects of addresses."""
        del source, declared
        return iter(())

    def flows(
        self, source: PodSet | Sources | None = None, api_server_ports: PortSet | None = None
    ) -> FlowSet:
        """Every flow that these pods are allowed, of all that could exist where none are given.

        A rule without ports allows every protocol here, although the documentation leaves those
        without ports to the engine.

        Raises:
            Unjudgeable: if an object that concerns them holds what is not modelled.
        """
        del api_server_ports
        return policy_flows(self.policies, self._judged(source))

    def products(
        self, source: PodSet | Sources | None = None, api_server_ports: PortSet | None = None
    ) -> tuple[Product, ...] | None:
        """Products whose union those flows are; None where they are no plain union.

        Raises:
            Unjudgeable: as above.
        """
        del api_server_ports
        return policy_products(self.policies, self._judged(source))

    def _judged(self, source: PodSet | Sources | None) -> Sources:
        """The pods.

        Raises:
            Unjudgeable: if an object that concerns them holds what is not modelled.
        """
        sources = Sources.of(source)
        for entry in self.unmodelled:
            if sources.any_in(entry.object.namespace):
                raise entry.error()
        return sources

    def _questions(self, source: Source) -> _Questions:
        key = source.namespace, source.pod, frozenset(source.labels.items())
        found = self._pods.get(key)
        if found is None:
            if len(self._pods) >= _CACHED:
                self._pods.clear()
            found = self._pods[key] = _Questions(
                directory=self.directory,
                source=source,
                pod=self.directory.source(source),
                regions=self.regions,
                facts=self.facts,
                policies=selecting(self.policies, source),
                caveats=tuple(_caveats(self.policies, source)),
            )
        return found


def read(
    manifests: Sequence[Manifest],
    release: Release,
    cluster: ClusterState,
    options: Mapping[str, str] = EMPTY,
) -> KubernetesReading:
    """Objects as the NetworkPolicy API reads them.

    It means the same in every release that is modelled; 1.36 refuses more.

    Raises:
        UsageError: if an option is given, of which NetworkPolicy has none.
    """
    if options:
        raise UsageError(f"{min(options)!r} is not an option that NetworkPolicy has")
    refused, unmodelled, mine = [], [], []
    for manifest in manifests:
        wrong = unserved(manifest)
        if wrong is not None:
            refused.append(wrong)
        elif is_networkpolicy(manifest):
            mine.append(manifest)
        elif group_of(manifest) == CLUSTER_GROUP:
            why = f"{manifest.ref.kind} is enforced by some engines only"
            unmodelled.append(Unmodelled(object=manifest.ref, key="/kind", why=why))
        elif is_foreign_policy(manifest):
            why = f"NetworkPolicy alone is read, not {manifest.ref.kind} of {group_of(manifest)}"
            refused.append(refusal(manifest, why, by="engine"))
    parsed = parse_networkpolicies(mine, strict=release.at_least(_STRICT))
    return KubernetesReading(
        refused=tuple(sorted([*refused, *parsed.refused], key=lambda each: each.manifest)),
        pruned=parsed.pruned,
        unmodelled=(*unmodelled, *parsed.unmodelled),
        policies=parsed.policies,
        directory=Directory(cluster),
        regions=_regions(parsed),
        facts=AssumedFacts(cluster=cluster, namespace_keys=_namespace_keys(parsed.policies)),
    )


def selecting(policies: Sequence[NetworkPolicy], source: Source) -> tuple[NetworkPolicy, ...]:
    """The policies that select the pod for egress."""
    return tuple(each for each in policies if "Egress" in each.types and _concerns(each, source))


def _concerns(policy: NetworkPolicy, source: Source) -> bool:
    return policy.object.namespace == source.namespace and policy.pods.matches(source.labels)


def _caveats(policies: Sequence[NetworkPolicy], source: Source) -> Iterator[Caveat]:
    """What to know about policies of the pod, those among them that lost their egress."""
    for each in policies:
        if _concerns(each, source):
            yield from networkpolicy_refused(each)


def _namespace_keys(policies: Sequence[NetworkPolicy]) -> frozenset[str]:
    """The labels of namespaces that peers ask for."""
    return frozenset(
        each.key
        for policy in policies
        for rule in policy.egress
        for peer in rule.peers
        if peer.namespaces is not None
        for each in peer.namespaces.requirements
    )


def _regions(parsed: ParsedPolicies) -> Regions:
    blocks = [
        peer.block
        for policy in parsed.policies
        for rule in policy.egress
        for peer in rule.peers
        if peer.block is not None
    ]
    return Regions.of(network for block in blocks for network in (block.cidr, *block.excepts))


@dataclass(slots=True)
class _Questions(PodQuestions[Destination]):
    """Verdicts for one source pod; `policies` are those that select it."""

    policies: tuple[NetworkPolicy, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    """What to know about objects that concern the pod."""
    found: dict[tuple[int, int, bool], Decision] = field(default_factory=dict)

    def decide(self, what: DnsQuery | Connection) -> Decision:
        if not self.policies:
            return _FREE
        if self.pod is not None and self.pod.host_network:
            return unclear(
                "the documentation leaves open whether policies govern pods on the host's network"
            )
        return PodQuestions.decide(self, what)

    def end(self, place: Place, learnt: str) -> Destination:
        del learnt
        return Destination.of(place, self.directory.cluster)

    def judge(self, to: Destination, protocol: str, port: int) -> Decision:
        if protocol not in _PORTED:
            return unclear(f"the documentation leaves {protocol} of a selected pod to the engine")
        doubtful: Decision | None = None
        for policy in self.policies:
            for place, rule in enumerate(policy.egress):
                extent = rule_extent(rule, to, protocol, port, namespace=policy.object.namespace)
                if extent is Extent.OPEN:
                    doubtful = doubtful or _open(policy, place)
                elif extent is not Extent.NO:
                    inside = extent is Extent.BY_BLOCK and to.is_inside
                    return self._allowed(policy, place, inside=inside)
        return doubtful or self._denied()

    def _allowed(self, policy: NetworkPolicy, place: int, *, inside: bool) -> Decision:
        key = id(policy), place, inside
        found = self.found.get(key)
        if found is None:
            found = self.found[key] = Decision(
                verdict=Verdict.ALLOW,
                reason=f"a rule of {policy.object} allows it",
                decided_by=Deciding(object=policy.object, rule=f"/spec/egress/{place}"),
                caveats=(BLOCK_INSIDE,) if inside else (),
            )
        return found

    def _denied(self) -> Decision:
        key = 0, 0, False
        found = self.found.get(key)
        if found is None:
            names = ", ".join(str(each.object) for each in self.policies[:3])
            more = len(self.policies) - 3
            found = self.found[key] = Decision(
                verdict=Verdict.DENY,
                reason=(
                    f"no rule of the policies that select the pod allows it: {names}"
                    + (f" and {more} more" if more > 0 else "")
                ),
            )
        return found


def _open(policy: NetworkPolicy, place: int) -> Decision:
    why = "whether the rule allows it depends on the destination's address, which is not known"
    return unjudgeable(Unmodelled(object=policy.object, key=f"/spec/egress/{place}", why=why))
