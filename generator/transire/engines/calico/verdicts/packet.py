"""The verdict of a world on one flow of one pod.

A packet meets the tiers in order. A tier none of whose policies governs the pod is skipped. Inside
a tier the rules of those policies run in order until one decides; if none does, the tier denies,
unless its default action is Pass or all its policies are staged. Behind the last tier the profile
of the pod's namespace allows. Source: `felix/rules/endpoints.go` and `felix/calc` of Calico.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from transire.engines.calico.objects.rules import CalicoAction, CalicoPolicy, CalicoRule, Tier
from transire.engines.calico.objects.selector import Labels
from transire.engines.calico.verdicts.endpoint import Endpoint
from transire.engines.calico.verdicts.matching import matches_after, matches_before
from transire.engines.calico.verdicts.policy_state import PolicyState
from transire.k8s.unmodelled import Unmodelled
from transire.queries.pod_questions import unjudgeable
from transire.queries.query import Caveat, Deciding, Decision, Verdict

SHARED_ADDRESS = Caveat(
    id="shared-address",
    text="the address was learnt for this name; every other name on it is reached as well",
)
NODE_CACHE = Caveat(
    id="node-dns-cache",
    text="an address that any pod of the node looked up counts as learnt for all its pods",
)
TRUSTED_DNS = Caveat(
    id="trusted-dns",
    text="names count only if they are looked up at a server of dnsTrustedServers",
)
SERVICE_PORT = Caveat(
    id="service-port",
    text="the rule names the API server's service, whose endpoints hold the port",
)
_BY_NAME = (SHARED_ADDRESS, NODE_CACHE, TRUSTED_DNS)
_CACHED = 65536


@dataclass(frozen=True, slots=True)
class Step:
    """A rule that may match; `sure`: the policy and the source are known to match."""

    policy: CalicoPolicy
    rule: CalicoRule
    sure: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A tier as one pod meets it; `governed` is None where that depends on something unknown."""

    tier: Tier
    steps: tuple[Step, ...]
    governed: bool | None
    by: CalicoPolicy
    """The last policy that governs the pod, to be named where the tier ends."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way the flow may end, and the doubt it depends on, if any."""

    decision: Decision
    entry: Unmodelled | None = None


@dataclass(slots=True)
class PodView:
    """A world as one pod meets it; stages are kept per protocol, port and IP version."""

    world: PolicyState
    labels: Labels
    sources: dict[int | None, Endpoint]
    namespace: str
    stages: dict[tuple[int | None, int, int], tuple[Stage, ...]] = field(default_factory=dict)
    decisions: dict[tuple[int, int, bool], Decision] = field(default_factory=dict)
    known: dict[tuple[int, int, int], tuple[Endpoint, Decision]] = field(default_factory=dict)
    governed: bool | None = None

    @property
    def is_governed(self) -> bool:
        """Whether any enforced policy may select the pod."""
        if self.governed is None:
            self.governed = any(
                not policy.staged
                and policy.namespace in {"", self.namespace}
                and policy.selector.holds(self.labels) is not False
                for tier in self.world.tiers
                for policy in tier.policies
            )
        return self.governed

    def decide(self, to: Endpoint, protocol: int, port: int) -> Decision:
        """The verdict for one destination; unjudgeable where the ways it may end differ."""
        key = id(to), protocol, port
        known = self.known.get(key)
        if known is None:
            if len(self.known) >= _CACHED:
                self.known.clear()
            known = self.known[key] = to, self._decide(to, protocol, port)
        return known[1]

    def _decide(self, to: Endpoint, protocol: int, port: int) -> Decision:
        key = to.family, protocol, port
        stages = self.stages.get(key)
        if stages is None:
            if len(self.stages) >= _CACHED:
                self.stages.clear()
            stages = self.stages[key] = self._stages(self.sources[to.family], protocol, port)
        outcomes = self._run(stages, 0, to, protocol, port)
        verdicts = {each.decision.verdict for each in outcomes}
        if len(verdicts) == 1:
            return outcomes[-1].decision
        entry = next(each.entry for each in outcomes if each.entry is not None)
        return unjudgeable(entry)

    def _stages(self, source: Endpoint, protocol: int, port: int) -> tuple[Stage, ...]:
        found = []
        for tier in self.world.tiers:
            mine = [
                (policy, selected)
                for policy in tier.policies
                if policy.namespace in {"", self.namespace}
                and (selected := policy.selector.holds(self.labels)) is not False
            ]
            enforced = [(policy, selected) for policy, selected in mine if not policy.staged]
            steps = [
                Step(policy, rule, sure=bool(selected and before))
                for policy, selected in enforced
                for rule in policy.rules
                if rule.action is not CalicoAction.LOG
                and (before := matches_before(rule, source, protocol, port)) is not False
            ]
            if enforced:
                sure = [policy for policy, selected in enforced if selected]
                by = sure[-1] if sure else enforced[-1][0]
                found.append(Stage(tier, tuple(steps), governed=True if sure else None, by=by))
        return tuple(found)

    def _run(
        self, stages: tuple[Stage, ...], place: int, to: Endpoint, protocol: int, port: int
    ) -> list[Outcome]:
        """All ways the flow may end from this stage on; the last needs no doubt of its own."""
        maybe: list[Outcome] = []
        later: list[Outcome] | None = None
        for number in range(place, len(stages)):
            stage = stages[number]
            for step in stage.steps:
                matched = matches_after(step.rule, to, protocol, port)
                if matched is False:
                    continue
                if step.rule.action is not CalicoAction.PASS:
                    ends = [Outcome(self._by_rule(step, to))]
                else:
                    if later is None:
                        later = self._run(stages, number + 1, to, protocol, port)
                    ends = later
                if matched and step.sure:
                    return maybe + ends if maybe else ends
                entry = step.rule.entry or _open(step)
                maybe += [Outcome(each.decision, each.entry or entry) for each in ends]
            later = None
            if not stage.tier.passes:
                end = Outcome(self._end_of_tier(stage))
                if stage.governed:
                    return [*maybe, end]
                maybe.append(Outcome(end.decision, _open_policy(stage)))
        return [*maybe, Outcome(self._profile())]

    def _by_rule(self, step: Step, to: Endpoint) -> Decision:
        named = step.rule.action is CalicoAction.ALLOW and _counts_names(step.rule, to)
        key = id(step.policy), id(step.rule), named
        found = self.decisions.get(key)
        if found is None:
            allowed = step.rule.action is CalicoAction.ALLOW
            found = self.decisions[key] = Decision(
                verdict=Verdict.ALLOW if allowed else Verdict.DENY,
                reason=f"a rule of {step.policy.object} {'allows' if allowed else 'denies'} it",
                decided_by=Deciding(object=step.policy.object, rule=step.rule.pointer),
                caveats=_BY_NAME if named else (SERVICE_PORT,) if step.rule.api_server else (),
            )
        return found

    def _end_of_tier(self, stage: Stage) -> Decision:
        key = id(stage.tier), 0, False
        found = self.decisions.get(key)
        if found is None:
            found = self.decisions[key] = Decision(
                verdict=Verdict.DENY,
                reason=(
                    f"no rule matches, and the tier {stage.tier.name} ends in deny for the pods "
                    f"that its policies select, here {stage.by.object}"
                ),
            )
        return found

    def _profile(self) -> Decision:
        key = 0, 0, False
        found = self.decisions.get(key)
        if found is None:
            found = self.decisions[key] = Decision(
                verdict=Verdict.ALLOW,
                reason=(
                    "no tier decides, so the profile of the pod's namespace allows it: "
                    f"kns.{self.namespace}"
                ),
            )
        return found


def _counts_names(rule: CalicoRule, to: Endpoint) -> bool:
    return bool(rule.destination.domains) or bool(to.by_name and rule.destination.members)


def _open(step: Step) -> Unmodelled:
    why = (
        "whether the rule matches depends on something that is not known about the pod or the "
        "destination, such as an address, a service account or an ICMP code"
    )
    return Unmodelled(object=step.policy.object, key=step.rule.pointer, why=why)


def _open_policy(stage: Stage) -> Unmodelled:
    why = "whether the policy selects the pod depends on its service account, which is not known"
    return Unmodelled(object=stage.by.object, key="/spec/serviceAccountSelector", why=why)
