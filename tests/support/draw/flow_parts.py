"""Draw sets of hosts, texts and pods, with a plain oracle for each.

A drawn set comes with a predicate in ordinary Python that says what is in it. The pools are small
and hostile, so that sets overlap, nest and contradict each other all the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from hypothesis import strategies as st

from transire.flows.exact_set import ExactSet
from transire.flows.host_set import HostSet, Wild
from transire.flows.pod_set import PodSet, Workload
from transire.flows.text_set import TextSet

SetT = TypeVar("SetT", bound=ExactSet)
ThingT = TypeVar("ThingT")

LABELS = ("com", "com", "a", "a", "b", "b", "s3-x", "x-s3", "aab", "-_9", "xn--bcher-kva")
NAMES = st.lists(st.sampled_from(LABELS), min_size=1, max_size=4).map(".".join)
VALUES = ("", "a", "b", "web", "web-1", "a-web", "A", "y", "0755", "1e3", "ümlaut", "a.b_c")
KEYS = ("app", "tier", "k8s.io/app", "y", "App")
NAMESPACES = ("team-a", "team-b", "kube-system", "web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Generic[SetT, ThingT]):
    """A set, and whether something is in it, found without the model."""

    set: SetT
    holds: Callable[[ThingT], bool]


@st.composite
def told(
    draw: st.DrawFn, leaves: st.SearchStrategy[Told[SetT, ThingT]], most: int = 4
) -> Told[SetT, ThingT]:
    """Leaves joined by union, difference and intersection, most often by union."""
    found = draw(leaves)
    for _ in range(draw(st.integers(0, most - 1))):
        found = _joined(draw(st.sampled_from("|||--&")), found, draw(leaves))
    return found


def _joined(sign: str, one: Told[SetT, ThingT], other: Told[SetT, ThingT]) -> Told[SetT, ThingT]:
    match sign:
        case "|":
            return Told(set=one.set | other.set, holds=lambda x: one.holds(x) or other.holds(x))
        case "&":
            return Told(set=one.set & other.set, holds=lambda x: one.holds(x) and other.holds(x))
        case _:
            return Told(
                set=one.set - other.set, holds=lambda x: one.holds(x) and not other.holds(x)
            )


PATTERN_LABELS = st.one_of(
    st.sampled_from((*LABELS, "*", "*", "**")),
    st.text("ab-*", min_size=1, max_size=5).map(lambda text: re.sub(r"\*+", "*", text)),
)
PATTERNS = st.lists(PATTERN_LABELS, min_size=1, max_size=4).map(".".join)
"""Patterns of every engine and some of none: `**` may stand anywhere."""


def parts_of(pattern: str) -> list[str | Wild]:
    """A pattern's text, where `*` and `**` have our meaning, as the model takes it."""
    parts: list[str | Wild] = []
    for label in pattern.split("."):
        tokens = ["**"] if label == "**" else re.split(r"(\*)", label)
        parts.append(".")
        parts.extend(_WILD.get(token, token) for token in tokens if token)
    return parts[1:]


_WILD = {"*": Wild.CHARS, "**": Wild.LABELS}
_CHAR = "[-a-z0-9_]"


def _host_regex(pattern: str) -> re.Pattern[str]:
    many = rf"{_CHAR}+(?:\.{_CHAR}+)*"
    labels = [
        many if label == "**" else re.escape(label).replace(r"\*", f"{_CHAR}*")
        for label in pattern.split(".")
    ]
    return re.compile(r"\.".join(labels))


def hosts_like(pattern: str) -> Told[HostSet, str]:
    """The names of one pattern."""
    compiled = _host_regex(pattern)
    return Told(
        set=HostSet.pattern(parts_of(pattern)),
        holds=lambda name: compiled.fullmatch(name) is not None and name != ".",
    )


def _exactly(names: frozenset[str]) -> Told[HostSet, str]:
    return Told(set=HostSet.exact(names), holds=lambda name: name in names)


_ALL_NAMES: Told[HostSet, str] = Told(set=HostSet.everything(), holds=lambda name: name != ".")
_ROOT: Told[HostSet, str] = Told(set=HostSet.root(), holds=lambda name: name == ".")

ANY_HOSTS: st.SearchStrategy[Told[HostSet, str]] = told(
    st.one_of(
        PATTERNS.map(hosts_like),
        st.frozensets(NAMES, min_size=1, max_size=4).map(_exactly),
        st.sampled_from([_ALL_NAMES, _ROOT]),
    )
)
"""Sets of hosts from any pattern; slower to draw than those of few, which rules use."""

HOSTS: st.SearchStrategy[Told[HostSet, str]] = told(
    st.sampled_from(
        [
            _ALL_NAMES,
            _ROOT,
            *(
                _exactly(frozenset(names.split()))
                for names in ("a.com b.com", "a.b.com com", "s3-")
            ),
            *map(
                hosts_like,
                (
                    *("*", "*.com", "**.com", "*.*.com", "*.a.com", "**.b.com", "a.*.com"),
                    *("s3-*.com", "*s3.com", "*-*.com", "*a*b*.com", "*.*a*.com", "b.**.com"),
                ),
            ),
        ]
    ),
    most=3,
)


def _text(
    made: TextSet, holds: Callable[[str], bool], *, absent: bool = False
) -> Told[TextSet, str | None]:
    return Told(set=made, holds=lambda text: absent if text is None else holds(text))


def _among(*values: str) -> tuple[Told[TextSet, str | None], ...]:
    made = TextSet.of(values)
    return (
        _text(made, lambda text: text in values),
        _text(~made, lambda text: text not in values, absent=True),
    )


def _parts_of_text(part: str) -> tuple[Told[TextSet, str | None], ...]:
    return (
        _text(TextSet.starting(part), lambda text: text.startswith(part)),
        _text(TextSet.ending(part), lambda text: text.endswith(part)),
        _text(TextSet.containing(part), lambda text: part in text),
    )


TEXTS: st.SearchStrategy[Told[TextSet, str | None]] = told(
    st.sampled_from(
        [
            _text(TextSet.present(), lambda _: True),
            _text(TextSet.absent(), lambda _: False, absent=True),
            *(each for value in VALUES for each in _among(value)),
            *_among("a", "web"),
            *_among("", "b", "web-1"),
            *(each for part in ("a", "web", "-", "b") for each in _parts_of_text(part)),
        ]
    ),
    most=3,
)


def _pods_by(key: str, values: Told[TextSet, str | None], where: int) -> Told[PodSet, Workload]:
    holds = values.holds
    return (
        Told(set=PodSet.label(key, values.set), holds=lambda pod: holds(pod.labels.get(key))),
        Told(
            set=PodSet.namespace_label(key, values.set),
            holds=lambda pod: holds(pod.namespace_labels.get(key)),
        ),
        Told(
            set=PodSet.account_label(key, values.set),
            holds=lambda pod: holds(pod.account_labels.get(key)),
        ),
        Told(set=PodSet.namespace(values.set), holds=lambda pod: holds(pod.namespace)),
        Told(set=PodSet.account(values.set), holds=lambda pod: holds(pod.account)),
    )[where]


def _in(name: str) -> Told[PodSet, Workload]:
    return Told(set=PodSet.in_namespace(name), holds=lambda pod: pod.namespace == name)


def _labelled(**labels: str) -> Told[PodSet, Workload]:
    return Told(set=PodSet.labels(labels), holds=lambda pod: labels.items() <= pod.labels.items())


PODS: st.SearchStrategy[Told[PodSet, Workload]] = told(
    st.one_of(
        st.builds(_pods_by, st.sampled_from(KEYS), TEXTS, st.integers(0, 4)),
        st.sampled_from(
            [
                *map(_in, NAMESPACES),
                *(_labelled(), _labelled(app="a"), _labelled(app="web", tier="b")),
            ]
        ),
    ),
    most=3,
)

_LABELS = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
WORKLOADS = st.builds(
    Workload,
    namespace=st.sampled_from(NAMESPACES),
    labels=_LABELS,
    namespace_labels=_LABELS,
    account=st.sampled_from(("default", "builder", "web")),
    account_labels=_LABELS,
)
