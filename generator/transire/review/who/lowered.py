"""What an engine makes of the hosts of rules on one cluster, worked out when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass, field

from transire.engines.api.engine import Engine
from transire.engines.registry import engine_of
from transire.meaning.target import Lowered, Target, baseline_of
from transire.model.intent import Cluster, Host, Organisation, Rule
from transire.model.names import HostPattern

_FALLBACK = "the cluster's fallback"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweredHosts:
    """The patterns and fallbacks that stand for hosts; each chart is lowered once."""

    organisation: Organisation
    cluster: Cluster
    _done: dict[str, Lowered] = field(default_factory=dict)

    def patterns(self, target: Target, rule: Rule, host: Host) -> tuple[HostPattern, ...]:
        """The patterns that stand for a host; others than its own by consent only.

        Raises:
            Rejected: if the engine cannot express the rules of the chart.
        """
        if rule.approximate or self.cluster.approximate:
            for each in self._lowered(target, rule).approximated:
                if (each.rule, each.written) == (rule.name, host.pattern.text):
                    return tuple(map(HostPattern.parse, each.became))
        return (host.pattern,)

    def is_delegated(self, target: Target, rule: Rule, host: Host) -> bool:
        """Whether the host goes to the cluster's proxy although the engine has names.

        Raises:
            Rejected: if the engine cannot express the rules of the chart.
        """
        if self.cluster.fallback is None:
            return False
        delegated = self._lowered(target, rule).delegated
        return any((each.rule, each.host) == (rule.name, host.pattern.text) for each in delegated)

    def fallback(self, target: Target, rule: Rule, host: Host) -> str:
        """What decides about a host on an engine without names.

        Raises:
            Rejected: if the engine cannot express the rules of the chart.
        """
        for each in self._lowered(target, rule).delegated:
            if (each.rule, each.host) == (rule.name, host.pattern.text):
                return each.to
        return _FALLBACK

    def _lowered(self, target: Target, rule: Rule) -> Lowered:
        """What became of the chart that holds the rule: the baseline, or that of the target."""
        shared = any(rule is each for each in target.everyone)
        key = "" if shared else target.name
        if key not in self._done:
            engine = engine_of(self.cluster.release)
            self._done[key] = self._baseline(engine) if shared else engine.lower(target)
        return self._done[key]

    def _baseline(self, engine: Engine) -> Lowered:
        return engine.lower_baseline(baseline_of(self.organisation, self.cluster))
