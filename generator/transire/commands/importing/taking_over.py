"""From what objects allow to teams' files, with everything that is in none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from transire.commands.importing.given import GivenPolicies
from transire.commands.importing.old_objects import OldObjects
from transire.engines.api.allowances import Allowance, Unwritten
from transire.engines.registry import engine_of
from transire.flows.flow_set import FlowSet
from transire.meaning.meaning import meaning
from transire.meaning.target import Target
from transire.model.intent import Mode, Organisation
from transire.model.net import ECHO
from transire.model.pod_selector import PodSelector
from transire.review.migration.candidates import Candidate, LeftOut, candidates, placed
from transire.review.migration.places import Space
from transire.review.migration.reasons import rule_reason
from transire.review.migration.rules import Imported, imported_rules
from transire.review.migration.sieve import Sieve


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The rules of each namespace, and what is in none."""

    rules: Mapping[str, tuple[Imported, ...]]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, kw_only=True)
class TakingOver:
    """Goes through the namespaces of one cluster."""

    given: GivenPolicies
    old: OldObjects
    organisation: Organisation
    flows: Mapping[str, FlowSet]

    def all(self, spaces: Iterable[Space]) -> Taken:
        """What every namespace comes to."""
        rules: dict[str, tuple[Imported, ...]] = {}
        left_out: list[LeftOut] = []
        for space in spaces:
            kept, lost = self._of(space)
            left_out += (placed(each, space.name) for each in lost)
            rules[space.name] = tuple(imported_rules(kept, space.name, self._reason))
        return Taken(rules=rules, left_out=tuple(left_out))

    def _reason(self, manifest: int, pointers: Sequence[str]) -> str:
        return rule_reason(self.given.objects[manifest], pointers)

    def _of(self, space: Space) -> tuple[list[Candidate], list[LeftOut]]:
        """What is kept for a namespace, and what is not."""
        sieve = self._sieve(space)
        base = meaning(sieve.target, sieve.traits).allowed & sieve.scope
        kept, lost = dict[Candidate, None](), list[LeftOut]()
        for given in self.old.allowances:
            if self.given.is_ours(given.manifest):
                continue
            allowance = self._with_echoes(given)
            for found in candidates(allowance, space):
                if isinstance(found, LeftOut):
                    lost.append(found)
                    continue
                for part in sieve.kept(found):
                    if isinstance(part, LeftOut):
                        lost.append(part)
                    else:
                        kept.update(dict.fromkeys(_beyond(part, base, sieve.flows)))
        return list(kept), lost

    def _with_echoes(self, allowance: Allowance) -> Allowance:
        """The rule without echo requests where the engine has no words for them."""
        release = self.old.cluster.release
        if engine_of(release).capabilities.icmp.has(release) or ECHO not in allowance.ports:
            return allowance
        why = f"values cannot have echo requests on {release}"
        told = () if allowance.every_port else (Unwritten(pointer=allowance.pointer, why=why),)
        return replace(
            allowance,
            ports=tuple(each for each in allowance.ports if each != ECHO),
            unwritten=(*allowance.unwritten, *told),
        )

    def _sieve(self, space: Space) -> Sieve:
        platform = self.organisation.platform
        cluster = self.old.cluster
        place = cluster.place(space.name)
        target = Target(
            team=space.name,
            team_path="",
            namespace=space.name,
            cluster=cluster,
            mode=Mode.ENFORCE,
            rules=(),
            everyone=tuple(each for each in platform.everyone if each.holds_in(place)),
            platform=platform,
        )
        return Sieve(
            target=target,
            traits=engine_of(cluster.release).traits(cluster),
            old=self.flows[space.name],
            scope=self.old.world,
            others=self._others(space),
        )

    def _others(self, space: Space) -> tuple[PodSelector, ...]:
        """The pods that policies of the namespace are for, but for all of them."""
        found = (
            each
            for allowance in self.old.allowances
            for each in space.sources(allowance.subjects)[0]
            if each
        )
        return tuple(sorted(set(found)))


def _beyond(
    candidate: Candidate, base: FlowSet, flows: Callable[[Candidate], FlowSet]
) -> Iterator[Candidate]:
    """The candidate without ports that every pod has anyway."""
    if not flows(candidate) <= base:
        left = [
            each for each in candidate.ports if not flows(replace(candidate, ports=(each,))) <= base
        ]
        yield replace(candidate, ports=tuple(left))
