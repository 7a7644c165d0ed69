"""The toy engine: what it is, how it is written, how its objects are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from transire.engines.api.admission import KUBERNETES_API, OTHER_PRODUCTS, Admission, Reserved
from transire.engines.api.advice import Advised
from transire.engines.api.capabilities import (
    Audit,
    Capabilities,
    Never,
    OpenConnections,
    Revocation,
)
from transire.engines.api.diagnosis import (
    Diagnosis,
    never_staged,
    no_cap,
    no_options,
    no_settings,
    no_status,
)
from transire.engines.api.engine import Engine, PolicyScope, always_applied, exactly
from transire.engines.api.health import Health, no_checks
from transire.engines.api.kinds import Kind, Kinds
from transire.engines.api.networkpolicy_api import NetworkPolicyApi
from transire.engines.api.observation import Observation, Observed
from transire.engines.api.policy_view import PolicyView, never_waits, no_flag, no_tiers
from transire.engines.api.reading import Reading
from transire.engines.api.refusal import Refusal
from transire.engines.api.releases import Releases
from transire.engines.kubernetes.allowances import allowances as networkpolicies_apart
from transire.engines.kubernetes.reading import read as read_networkpolicies
from transire.engines.lowering.address_ranges import outside_ranges
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.chart_values import Item, pods_item
from transire.engines.lowering.http_limits import no_requests
from transire.engines.lowering.lower import lower_cluster, lower_target
from transire.engines.lowering.scope import Scope
from transire.k8s.manifests import Manifest
from transire.k8s.policy_scope import (
    denies,
    governs_ingress,
    is_networkpolicy,
    own_namespace,
    selects_all,
    without_egress,
    without_rule,
)
from transire.k8s.stored_form import kept
from transire.meaning.premises.address_ranges import node_ranges
from transire.meaning.premises.dns_resolvers import Resolvers
from transire.meaning.premises.queryable_names import QueryableName
from transire.meaning.target import Values
from transire.model.engine import Release, Traits
from transire.model.intent import Cluster, Rule
from transire.model.names import HostPattern
from transire.model.net import PortRange, Protocol, merge_ports
from transire.queries.cluster_state import ClusterState

NAME = "toy"
RELEASES = Releases(engine=NAME, lines=((1, 0), (1, 1)))
CAPABILITIES = Capabilities(
    hosts=Never(),
    filled_sets=Never(),
    dns_names=Never(),
    server_names=Never(),
    http=Never(),
    service_accounts=Never(),
    agent_flags=Never(),
    nodes=Never(),
    api_server=Never(),
    ingress=Never(),
    icmp=Never(),
    mesh=Never(),
    tier=Never(),
    native_definitions=Never(),
    audit=Audit(
        support=Never(), through="a policy that does not enforce", instead="another engine"
    ),
)
_KIND = Kind(group="networking.k8s.io", kind="NetworkPolicy", resource="networkpolicies")


def traits(cluster: Cluster) -> Traits:
    """Everything is known by address."""
    del cluster
    return Traits(by_identity=False, ranges_match_nodes=True, hosts=False, before_translation=True)


class ToyWriter:
    """Destinations by address and by pod, and nothing else."""

    releases = RELEASES
    capabilities = CAPABILITIES
    traits = staticmethod(traits)

    def owns_defaults(self, release: Release) -> bool:
        del release
        return True

    def check(self, scope: Scope, builder: LoweredBuilder) -> None:
        """Nothing beyond what the frame checks."""

    def host_fault(self, pattern: HostPattern, rule: Rule, scope: Scope) -> Refusal:
        del rule, scope
        why = f"{pattern.shown} is a name, and the toy knows none"
        return Refusal(id="host-not-expressible", why=why, remedy="use another engine")

    def http_fault(self, rule: Rule, scope: Scope) -> Refusal:
        """There are no requests."""
        return no_requests(rule, scope, "the toy judges connections")

    def items(self, rule: Rule, scope: Scope, builder: LoweredBuilder) -> list[Item]:
        for host in rule.hosts:
            builder.refuse_rule(rule, host.at, self.host_fault(host.pattern, rule, scope))
        ports = _ports(rule.ports)
        found: list[Item] = []
        nodes = node_ranges(builder.cluster) if rule.entities else ()
        for each in (*outside_ranges(rule, builder), *nodes):
            block: Item = {"cidr": str(each.cidr)}
            if each.without:
                block["except"] = [str(hole) for hole in each.without]
            found.append({"cidrs": [block], "ports": ports})
        if rule.pods:
            pods = [pods_item(each) for each in sorted(set(rule.pods))]
            found.append({"pods": pods, "ports": ports})
        return found

    def sets(self, parts: Sequence[Rule], scope: Scope) -> list[Values]:
        del parts, scope
        return []

    def parts(self, namespaces: Sequence[str]) -> Values:
        del namespaces
        return {}

    def queries(
        self,
        ways: Resolvers,
        names: Sequence[QueryableName] | None,
        scope: Scope,
        builder: LoweredBuilder,
    ) -> list[Item]:
        del names, scope, builder
        ports = _ports(
            PortRange(protocol=each, first=ways.port, last=ways.port)
            for each in (Protocol.TCP, Protocol.UDP)
        )
        blocks = [{"cidr": str(each)} for each in ways.addresses]
        found: list[Item] = [{"cidrs": blocks, "ports": ports}] if blocks else []
        if ways.pods:
            found.append({"pods": [pods_item(each) for each in ways.pods], "ports": ports})
        return found

    def every_port(self, pods: Item, cluster: Cluster) -> list[Item]:
        del cluster
        return [{"pods": [pods], "ports": "all"}]


def _ports(ports: Iterable[PortRange]) -> list[Item]:
    return [
        {
            "port": each.first,
            **({} if each.first == each.last else {"endPort": each.last}),
            "protocol": each.protocol.value,
        }
        for each in merge_ports(ports)
    ]


def _kinds(release: Release) -> Kinds:
    del release
    return Kinds(team=(_KIND,), baseline=(_KIND,))


def _read(
    manifests: Sequence[Manifest],
    release: Release,
    cluster: ClusterState,
    options: Mapping[str, str],
) -> Reading:
    return read_networkpolicies(manifests, release, cluster, options)


def _same(objects: Sequence[Manifest]) -> tuple[Manifest, ...]:
    return tuple(objects)


def _narrowed(manifest: Manifest) -> Manifest:
    return manifest


def _elsewhere(manifest: Manifest, namespaces: Sequence[str]) -> tuple[Manifest, ...]:
    del manifest, namespaces
    return ()


def _nothing(observed: Observed) -> tuple[()]:
    del observed
    return ()


def _no_advice(advised: Advised) -> tuple[()]:
    del advised
    return ()


def _no_panels(observed: Observed) -> Mapping[str, str]:
    del observed
    return MappingProxyType({})


_DIAGNOSIS = Diagnosis(
    images=frozenset(),
    settings=no_settings,
    options=no_options,
    cluster_name="",
    keeps=(),
    cap="",
    usual_cap=no_cap,
    audits=(),
    disables=(),
    refuses_with=("", ""),
    staged=never_staged,
    refused=no_status,
    see_lookups="",
    entities=MappingProxyType({}),
    mended=(),
    most_patterns=1000,
)
TOY = Engine(
    name=NAME,
    title="Toy",
    releases=RELEASES,
    capabilities=CAPABILITIES,
    traits=traits,
    kinds=_kinds,
    lower=partial(lower_target, writer=ToyWriter()),
    lower_baseline=partial(lower_cluster, writer=ToyWriter()),
    as_read=exactly,
    read=_read,
    allowances=networkpolicies_apart,
    view=PolicyView(
        apis=(NetworkPolicyApi(),),
        shared_groups=frozenset(),
        denies=False,
        ranges_cover_pods=True,
        tiers=no_tiers,
        waits=never_waits,
        needed_flag=no_flag,
    ),
    scope=PolicyScope(
        ingress=governs_ingress,
        namespaces=own_namespace,
        narrowed=_narrowed,
        is_policy=is_networkpolicy,
        denies=denies,
        selects_all=selects_all,
        without_rule=without_rule,
        without_egress=without_egress,
        elsewhere=_elsewhere,
    ),
    kept=kept,
    enforced=_same,
    health=Health(argocd=MappingProxyType({}), flux=no_checks),
    admission=Admission(
        reserved=(*KUBERNETES_API, Reserved(group="policy.toy.example", resources=("toys",))),
        beside=OTHER_PRODUCTS,
        writers=(),
        finalizers=(),
    ),
    applied_by_server=always_applied,
    package=__package__,
    sequences=frozenset(),
    reserved_tiers=frozenset(),
    family_flags=MappingProxyType({}),
    revocation=Revocation(become=OpenConnections.UNDEFINED, ended_by=("the end of the pod",)),
    diagnosis=_DIAGNOSIS,
    observation=Observation(
        settings=_nothing,
        metrics=_nothing,
        alerts=_nothing,
        unseen=_nothing,
        panels=_no_panels,
    ),
    advise=_no_advice,
)
