"""The values of a diff: what a change does to each target, and its risk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from transire.engines.api.capabilities import Revocation
from transire.k8s.manifests import ObjectRef
from transire.model.ends import End
from transire.model.intent import Mode
from transire.model.origin import Origin
from transire.model.problems import Problem
from transire.review.diff.grants import Grant
from transire.review.diff.risk_level import RiskLevel


class ChangeClass(StrEnum):
    """How what is allowed after a change relates to what was allowed before."""

    SAME = "same"
    NARROWER = "narrower"
    WIDER = "wider"
    INCOMPARABLE = "incomparable"
    """Some things were opened and others closed."""
    UNJUDGED = "unjudged"
    """One side holds what is not modelled, so the effect is unknown."""

    @classmethod
    def of(cls, *, gains: bool, losses: bool) -> ChangeClass:
        """The class of a change that opens or closes something."""
        if gains:
            return cls.INCOMPARABLE if losses else cls.WIDER
        return cls.NARROWER if losses else cls.SAME

    @property
    def sentence(self) -> str:
        """The class as a sentence for people."""
        return _SENTENCES[self]

    @property
    def opens(self) -> bool:
        """Whether something may be reached that was out of reach, or this is unknown."""
        return self in {ChangeClass.WIDER, ChangeClass.INCOMPARABLE, ChangeClass.UNJUDGED}

    @property
    def closes(self) -> bool:
        """Whether something is out of reach that could be reached, or this is unknown."""
        return self in {ChangeClass.NARROWER, ChangeClass.INCOMPARABLE, ChangeClass.UNJUDGED}


_SENTENCES = {
    ChangeClass.SAME: "nothing opens and nothing closes",
    ChangeClass.NARROWER: "something closes, nothing opens",
    ChangeClass.WIDER: "something opens, nothing closes",
    ChangeClass.INCOMPARABLE: "something opens and something closes",
    ChangeClass.UNJUDGED: "nobody knows what opens",
}


class Event(StrEnum):
    """What happens to a namespace as a whole."""

    GOVERNED = "governed"
    """It comes under policy; until now nothing of ours held there."""
    RELEASED = "released"
    """Nothing of ours holds there any more."""
    LEFT = "left"
    """The values name it no longer; what was published stays until a person takes it away."""
    ENFORCED = "enforced"
    """Audit ends: what no rule allows is dropped from now on."""
    AUDITED = "audited"
    """Enforcement ends: nothing is dropped any more."""
    HANDOVER = "handover"
    """Another release publishes it; the old one stays until a person hands its policies over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason to look closely; `id` is for scripts, `text` for people."""

    id: str
    level: RiskLevel
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A target before or after: how it is enforced, and what its values leave to others.

    `delegated` holds pairs of a host and what it is delegated to. `release` is what publishes it,
    that of the baseline without a team, and `tool` by what. `revocation` is what
    becomes of connections that are no longer allowed.
    """

    team: str
    engine: str
    mode: Mode
    environment: str
    delegated: frozenset[tuple[str, str]] = frozenset()
    approximated: frozenset[str] = frozenset()
    """What is widened or narrowed, in words."""
    release: str = ""
    tool: str = ""
    revocation: Revocation | None = None
    until: End | None = None
    """When audit ends; None where it has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """One object that is added, removed or changed; `lines` is its difference, `+`, `-` or ` `."""

    how: str
    object: ObjectRef
    lines: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<ObjectChange {self.how}: {self.object}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetChange:
    """What a change does to one namespace on one cluster.

    `before` or `after` is None where nothing of ours holds there; what the values name no longer
    still holds after the change as it did before. `gains` and `losses` are what
    rules open and close. `pending` is true where they count only once audit ends. For a namespace
    that comes under policy, `gains` is all that it may reach from then on, and the class is exact:
    everything else is closed. `unjudged` is the reason where the effect is unknown.
    `broken` are the pods that lose something at once, by their labels, where an empty text stands
    for all of the namespace; None where none does. `beyond` is what the head's files would open
    although its values do not. `unchecked` is true where names are checked on one side alone, since
    audit checks none.
    """

    namespace: str
    cluster: str
    before: Side | None
    after: Side | None
    change: ChangeClass
    events: tuple[Event, ...] = ()
    gains: tuple[Grant, ...] = ()
    losses: tuple[Grant, ...] = ()
    pending: bool = False
    objects: tuple[ObjectChange, ...] = ()
    reasons: tuple[Reason, ...] = ()
    unjudged: str = ""
    broken: tuple[str, ...] | None = None
    beyond: tuple[Grant, ...] = ()
    unchecked: bool = False

    def __repr__(self) -> str:
        return f"<TargetChange {self.name}: {self.change}, risk {self.risk}>"

    @property
    def name(self) -> str:
        """`NAMESPACE.CLUSTER`, as commands spell it."""
        return f"{self.namespace}.{self.cluster}"

    @property
    def side(self) -> Side:
        """The target as it is after the change, or as it was."""
        side = self.after or self.before
        if side is None:
            raise ValueError(f"{self.name} is on neither side")
        return side

    @property
    def risk(self) -> RiskLevel:
        """The highest level among the reasons."""
        levels = (each.level for each in self.reasons)
        return max(levels, key=lambda each: each.rank, default=RiskLevel.NONE)

    @property
    def sentence(self) -> str:
        """What the change does, as a sentence for people."""
        begun, ended = self.delegated
        if self.change is not ChangeClass.SAME or not (begun or ended):
            return self.change.sentence
        return "what is delegated changes, and the rest stays the same"

    @property
    def delegated(self) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
        """Hosts that are delegated from now on, and those that no longer are."""
        now = self.after.delegated if self.after else frozenset[tuple[str, str]]()
        then = self.before.delegated if self.before else frozenset[tuple[str, str]]()
        return tuple(sorted(now - then)), tuple(sorted(then - now))


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedChange:
    """How the objects differ that all namespaces of a cluster have in common."""

    cluster: str
    objects: tuple[ObjectChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSetting:
    """A setting of the platform that differs, such as `clusters.prod-eu.version`."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What a change means: every target that it touches, the biggest risks first.

    `base` and `head` name what was compared. `looked_at` counts the targets and enrolled
    namespaces of both sides, those that nothing touches included.
    `out_of_step` names the generated files of the head that are not what its values come to,
    `refused` is what keeps these from being published, and `edited` are the values files that
    differ. `notes` are about clusters as a whole. Where it is `brief`, people see no reasons.
    `origin` is where the head is from.
    """

    base: str
    head: str
    looked_at: int
    targets: tuple[TargetChange, ...]
    settings: tuple[PlatformSetting, ...] = ()
    shared: tuple[SharedChange, ...] = ()
    edited: tuple[str, ...] = ()
    out_of_step: tuple[str, ...] = ()
    refused: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    brief: bool = False
    origin: Origin = Origin()

    def __repr__(self) -> str:
        return (
            f"<Diff from {self.base} to {self.head}: {self.change}, risk {self.risk}, "
            f"{len(self.targets)} of {self.looked_at} targets>"
        )

    @property
    def is_nothing(self) -> bool:
        """Whether both sides are the same in everything that this is about."""
        return not (
            self.targets or self.settings or self.shared or self.edited or self.out_of_step
            or self.refused
        )  # fmt: skip

    @property
    def is_ready(self) -> bool:
        """Whether the head's files are what its values come to, and these may be published."""
        return not (self.out_of_step or self.refused)

    def briefly(self) -> Diff:
        """The same without the differences of objects, and without reasons where people read."""
        targets = tuple(replace(each, objects=()) for each in self.targets)
        return replace(self, targets=targets, shared=(), brief=True)

    @property
    def change(self) -> ChangeClass:
        """The class over all targets."""
        classes = {each.change for each in self.targets}
        if ChangeClass.UNJUDGED in classes or (self.refused and classes <= {ChangeClass.SAME}):
            return ChangeClass.UNJUDGED
        return ChangeClass.of(
            gains=any(each.opens for each in classes), losses=any(each.closes for each in classes)
        )

    @property
    def opens(self) -> bool:
        """Whether something opens, or may: what is delegated may be open there."""
        return self.change.opens or any(each.delegated[0] for each in self.targets)

    @property
    def sentence(self) -> str:
        """What the change does, as a sentence for people."""
        if self.refused and not self.targets:
            return "the values are refused"
        if self.change is ChangeClass.SAME:
            return next((each.sentence for each in self.targets if any(each.delegated)), "") or (
                self.change.sentence
            )
        return self.change.sentence

    @property
    def risk(self) -> RiskLevel:
        """The highest risk of a target."""
        levels = (each.risk for each in self.targets)
        return max(levels, key=lambda each: each.rank, default=RiskLevel.NONE)
