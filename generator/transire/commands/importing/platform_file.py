"""The platform's file as an import proposes it, and clusters that it adds to one that is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from transire.model.engine import Release
from transire.model.intent import DnsProfile, InCluster, Resolver, Rule
from transire.model.net import Network
from transire.values.rule_text import Line, quoted, rule_lines
from transire.values.yaml_places import place_for_cluster
from transire.workspace.value_paths import PLATFORM

_HEAD = """\
# yaml-language-server: $schema=.schema/platform.schema.json
# What the platform team decides for everybody; `transire docs values` has every key.
# Proposed by transire import, from the policies that run.
apiVersion: transire/v1
kind: Platform
publish:
  registry: oci://registry.example.com/egress      # where charts go
  git: https://git.example.com/platform/egress.git # this repository, as Argo CD and Flux read it
"""
_TAIL = """\
guardrails:
  requireTicketFor: [wildcard, cidr]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """The ranges of a cluster's pods, services and nodes; `assumed` where nothing shows them."""

    pods: tuple[Network, ...]
    services: tuple[Network, ...]
    nodes: tuple[Network, ...]
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedPlatform:
    """All that an import decides about a new `platform.yaml`."""

    cluster: str
    release: Release
    ranges: Ranges
    system: tuple[str, ...]
    in_cluster: InCluster = InCluster.DECLARED
    profile: DnsProfile = DnsProfile.COREDNS
    resolver: Resolver | None = None
    restrict: bool = False
    everyone: tuple[Rule, ...] = ()
    onto: str = ""
    """The file that is there, to which only the cluster is added; empty where there is none."""

    def lines(self) -> list[Line]:
        """The whole file, line by line.

        Raises:
            Rejected: if the file that is there has a form to which nothing can be added.
        """
        if self.onto:
            place = place_for_cluster(self.onto, PLATFORM)
            indent = " " * place.indent
            entry = [f"{quoted(self.cluster)}:", *(f"  {each}" for each in cluster_lines(self))]
            text = place.insert(self.onto, [f"{indent}{each}" for each in entry])
            return list(_lines(text))
        return [*map(_line, self._before().splitlines()), *self._everyone(), *_lines(_TAIL)]

    def _before(self) -> str:
        return "\n".join([_HEAD.rstrip("\n"), *self._defaults(), *self._cluster(), *self._system()])

    def _defaults(self) -> Iterator[str]:
        yield "defaults:"
        yield "  mode: enforce"
        yield "  ports: [443]"
        yield f"  inCluster: {self.in_cluster.value}"

    def _cluster(self) -> Iterator[str]:
        yield "clusters:"
        yield f"  {quoted(self.cluster)}:"
        yield from (f"    {each}" for each in cluster_lines(self))

    def _system(self) -> Iterator[str]:
        yield f"system: [{', '.join(map(quoted, self.system))}]"

    def _everyone(self) -> Iterator[Line]:
        if self.everyone:
            yield _line("everyone:")
            for rule in self.everyone:
                yield from rule_lines(rule)


def cluster_lines(proposed: ProposedPlatform) -> Iterator[str]:
    """The entry of a cluster, without its name."""
    release, ranges = proposed.release, proposed.ranges
    yield f"engine: {release.engine}"
    if release.version is not None:
        yield f'version: "{release.version}"'
    yield "environment: prod"
    yield f"dns: {_dns(proposed)}"
    why = "  # those of a template; write your own" if ranges.assumed else ""
    yield f"network:{why}"
    yield f"  podCIDRs: {_networks(ranges.pods)}"
    yield f"  serviceCIDRs: {_networks(ranges.services)}"
    yield f"  nodeCIDRs: {_networks(ranges.nodes)}"
    yield f"  families: [{', '.join(_families(ranges))}]"
    yield "gitops: argocd"


def _families(ranges: Ranges) -> Iterator[str]:
    versions = {each.version for each in ranges.pods}
    yield from (f"IPv{version}" for version in sorted(versions))


def _dns(proposed: ProposedPlatform) -> str:
    parts = [f"profile: {proposed.profile.value}"]
    if proposed.restrict:
        parts.append("restrict: true")
    if proposed.resolver is not None:
        parts.append(f"resolver: {{{', '.join(_resolver(proposed.resolver))}}}")
    return f"{{{', '.join(parts)}}}"


def _resolver(resolver: Resolver) -> Iterator[str]:
    if resolver.namespace:
        labels = ", ".join(f"{quoted(key)}: {quoted(value)}" for key, value in resolver.labels)
        yield f"namespace: {quoted(resolver.namespace)}"
        yield f"pods: {{{labels}}}"
    if resolver.addresses:
        yield f"addresses: {_networks(resolver.addresses)}"
    yield f"port: {resolver.port}"


def _networks(networks: Sequence[Network]) -> str:
    return f"[{', '.join(_network(each) for each in networks)}]"


def _network(each: Network) -> str:
    return f'"{each}"' if str(each).startswith(":") else str(each)


def _line(text: str) -> Line:
    return Line(text=text)


def _lines(text: str) -> Iterable[Line]:
    return map(_line, text.splitlines())
