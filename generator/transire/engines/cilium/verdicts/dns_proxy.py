"""What becomes of the lookups of one pod at one resolver, on one port."""

from __future__ import annotations

from dataclasses import dataclass

from transire.engines.cilium.objects.rules import Origin
from transire.engines.cilium.verdicts import reasons as wording
from transire.engines.cilium.verdicts.slot import Names
from transire.queries.query import Caveat, Decision, Verdict


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proxied:
    """Lookups that pass the DNS proxy, which learns the addresses."""

    names: Names
    ports: str
    """The port as a reason names it."""
    resolver: str
    """The resolver as a reason names it."""
    sending: Origin
    """The rule that sends lookups to the proxy."""
    caveats: tuple[Caveat, ...] = ()

    @property
    def learns(self) -> bool:
        """Whether the addresses are learnt."""
        return True

    def verdict(self, name: str) -> Verdict:
        """Whether a name may be queried."""
        return Verdict.ALLOW if self.names.rule_for(name) else Verdict.DENY

    def decision(self, name: str) -> Decision:
        """Whether a name may be queried, and why."""
        rule = self.names.rule_for(name)
        if rule is None:
            why = f"no DNS rule for {self.ports} at {self.resolver} lets {name} through"
            return wording.denied(why, self.sending, *self.caveats)
        why = f"{rule.wording} lets {name} be asked of {self.resolver} on {self.ports}"
        return wording.allowed(why, rule, *self.caveats)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unseen:
    """Lookups that the DNS proxy does not see, so that the name makes no difference."""

    always: Decision

    @property
    def learns(self) -> bool:
        """Whether the addresses are learnt."""
        return False

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """What to know of the resolver."""
        return self.always.caveats

    def verdict(self, name: str) -> Verdict:
        """Whether a name may be queried."""
        del name
        return self.always.verdict

    def decision(self, name: str) -> Decision:
        """Whether a name may be queried, and why."""
        del name
        return self.always


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doubtful:
    """Lookups at an address that may have more than one identity."""

    first: Proxied | Unseen
    others: tuple[Proxied | Unseen, ...]
    entry: str

    @property
    def learns(self) -> bool:
        """Whether the addresses are learnt, where the verdict is no doubt."""
        return self.first.learns

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """What to know of the resolver."""
        return self.first.caveats

    def verdict(self, name: str) -> Verdict:
        """Whether a name may be queried."""
        found = self.first.verdict(name)
        for each in self.others:
            if each.learns is not self.first.learns or each.verdict(name) is not found:
                return Verdict.UNJUDGEABLE
        return found

    def decision(self, name: str) -> Decision:
        """Whether a name may be queried, and why."""
        if self.verdict(name) is Verdict.UNJUDGEABLE:
            return wording.unjudgeable(self.entry)
        return self.first.decision(name)


Gate = Proxied | Unseen | Doubtful
