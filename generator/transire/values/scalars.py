"""The small values of every file: text, names, labels, hosts, ports, ranges, choices."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TypeVar

import idna

from transire.model.host_mistakes import HostMistake
from transire.model.intent import Labels
from transire.model.names import (
    MAX_LABEL,
    MAX_NAME,
    HostKind,
    HostPattern,
    is_dns_label,
    is_label_key,
    is_label_value,
)
from transire.model.net import Network, PortRange, parse_cidr
from transire.values import proposals
from transire.values.mapping_reader import Make, entries
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.yamlio import Node, ScalarNode, plain, taken_for

Choice = TypeVar("Choice", bound=StrEnum)

_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
_IGNORED = re.compile(
    r"[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
"""Characters that nobody sees and that the conversion to punycode drops (UTS 46, "ignored")."""

_REMEDY = re.compile(r"; (?=(?:write|remove|put|\*\* may) )")
_PLAIN_LABEL = r"[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?"
_PLAIN_HOST = re.compile(rf"{_PLAIN_LABEL}(?:\.{_PLAIN_LABEL})*")
"""A host that is canonical as it is written; nine of ten are, and need no second look."""

MOST_LABELS = 64
"""Labels, and conditions on labels, in one selector; nobody could review more."""

_MAX_WRITTEN = 1000
"""Longer than any host in any spelling; the conversion to punycode need not see more."""


def scalar(node: Node) -> ScalarNode:
    """The node as a scalar.

    Raises:
        Misfit: if it is none.
    """
    if not isinstance(node, ScalarNode):
        raise Misfit
    return node


def text(node: Node, collector: ProblemCollector) -> str:
    """Text that every YAML reader takes for text.

    Raises:
        Misfit: for anything else.
    """
    written = scalar(node)
    if written.plain and (taken := taken_for(written.text)):
        if not written.text:
            raise Misfit
        raise collector.refuse(written.at, *ambiguous(written.text, taken))
    return written.text


def ambiguous(written: str, taken: str) -> tuple[str, str, str]:
    """Id, message and help about a plain scalar that some reader takes for something else."""
    return (
        "ambiguous-scalar",
        f"{shown(written)} without quotes is {taken} to some YAML readers",
        f'write "{shown(written)[1:-1]}" in quotes',
    )


def key(node: ScalarNode, collector: ProblemCollector) -> str:
    """The text of a key that is not one of our own.

    Raises:
        Misfit: for anything else.
    """
    if node.plain and not node.text:
        raise collector.refuse(node.at, "wrong-type", "a key is empty", "write key: value")
    return text(node, collector)


def line(node: Node, collector: ProblemCollector) -> str:
    """One line of visible text, as written; may be empty.

    Raises:
        Misfit: for anything else.
    """
    written = text(node, collector)
    unseen = _UNSEEN.search(written)
    if unseen is None:
        return written
    if unseen[0] == "\n":
        message, remedy = f"{shown(written)} has a line break", "write it on one line"
    else:
        message = f"{shown(written)} has the invisible character U+{ord(unseen[0]):04X}"
        remedy = "remove it"
    raise collector.refuse(node.at, "bad-text", message, remedy)


def filled_line(node: Node, collector: ProblemCollector) -> str:
    """One line of visible text with something to see.

    Raises:
        Misfit: for anything else.
    """
    written = line(node, collector)
    if not written.strip():
        raise collector.refuse(node.at, "bad-text", f"{shown(written)} is blank", "write a text")
    return written


def name(node: Node, collector: ProblemCollector) -> str:
    """A DNS label: what teams, namespaces, clusters, rules and bundles are called.

    Raises:
        Misfit: for anything else.
    """
    return _checked_name(text(node, collector), node, collector)


def name_key(node: ScalarNode, collector: ProblemCollector) -> str:
    """A DNS label that is a key.

    Raises:
        Misfit: for anything else.
    """
    return _checked_name(key(node, collector), node, collector)


def _checked_name(written: str, node: Node, collector: ProblemCollector) -> str:
    if is_dns_label(written):
        return written
    if len(written) > MAX_LABEL:
        message = f"{shown(written)} has {len(written)} characters, a name has at most {MAX_LABEL}"
        remedy = "shorten it"
    else:
        message = f"{shown(written)} is not a name"
        remedy = "use lower-case letters, digits and inner hyphens"
    raise collector.refuse(node.at, "bad-name", message, remedy)


def labels(node: Node, collector: ProblemCollector) -> Labels:
    """Labels as sorted pairs.

    Raises:
        Misfit: if the node is no map, or has too many; a bad label is left out and counted.
    """
    count = sum(1 for _ in entries(node))
    if count > MOST_LABELS:
        raise collector.refuse(
            node.at,
            "too-many-labels",
            f"these are {count} labels, and pods are selected by at most {MOST_LABELS}",
            "give the pods one label of their own, and select them by it",
        )
    found = []
    for entry in entries(node):
        with collector:
            found.append((label_key(entry.key, collector), label_value(entry.value, collector)))
    return tuple(sorted(found))


def label_key(node: Node, collector: ProblemCollector) -> str:
    """The key of a label.

    Raises:
        Misfit: for anything else.
    """
    written = key(scalar(node), collector)
    if is_label_key(written):
        return written
    raise collector.refuse(
        node.at,
        "bad-label",
        f"{shown(written)} is not a label key",
        f"write name or prefix/name, the name at most {MAX_LABEL} letters, digits, -, _ and dots, "
        "beginning and ending with a letter or digit",
    )


def label_value(node: Node, collector: ProblemCollector) -> str:
    """The value of a label, which may be empty.

    Raises:
        Misfit: for anything else.
    """
    value = text(node, collector)
    if is_label_value(value):
        return value
    if len(value) > MAX_LABEL:
        message = (
            f"{shown(value)} has {len(value)} characters, a label value has at most {MAX_LABEL}"
        )
        remedy = "shorten it, also on the pods"
    else:
        message = f"{shown(value)} is not a label value"
        remedy = "use letters, digits, -, _ and dots, beginning and ending with a letter or digit"
    raise collector.refuse(node.at, "bad-label", message, remedy)


def host(node: Node, collector: ProblemCollector, *, in_rule: bool = False) -> HostPattern:
    """A host as people write it; `in_rule` means that other destinations may be in its place.

    Raises:
        Misfit: for anything else.
    """
    written = text(node, collector)
    try:
        return _pattern(written)
    except HostMistake as mistake:
        fits = in_rule or not mistake.proposal.startswith("{")
        advice = mistake.advice if fits else "write a host such as api.example.com"
        proposal = proposals.text(node.at, mistake.proposal if fits else "")
        raise collector.refuse(node.at, "bad-host", mistake.message, advice, proposal) from mistake
    except ValueError as error:
        raise from_sentence(
            node, collector, "bad-host", error, "write a host such as api.example.com"
        ) from error


def _pattern(written: str) -> HostPattern:
    if len(written) <= MAX_NAME and _PLAIN_HOST.fullmatch(written):
        return HostPattern(written)
    if not written:
        raise ValueError("a host is empty")
    if len(written) > _MAX_WRITTEN:
        raise ValueError(f"{shown(written)} has {len(written)} characters, too many for a host")
    unseen = _IGNORED.search(written)
    if unseen is not None:
        raise ValueError(
            f"{shown(written)} has the invisible character U+{ord(unseen[0]):04X}; remove it"
        )
    try:
        return HostPattern.parse(written)
    except ValueError as error:
        if not isinstance(error.__cause__, idna.IDNAError):
            raise
        raise ValueError(f"{shown(written)} has characters that no host name has") from error


def domain(node: Node, collector: ProblemCollector) -> str:
    """A domain name without stars.

    Raises:
        Misfit: for anything else.
    """
    pattern = host(node, collector)
    if pattern.kind is HostKind.EXACT:
        return pattern.text
    raise collector.refuse(
        node.at, "bad-host", f"{pattern.text!r} has a star", "write one domain, such as example.com"
    )


def port(node: Node, collector: ProblemCollector) -> PortRange:
    """A port or a range of ports; without quotes only where nobody can misread it.

    Raises:
        Misfit: for anything else.
    """
    written = scalar(node)
    if plain(written) is None or isinstance(plain(written), bool):
        raise Misfit
    try:
        return PortRange.parse(written.text)
    except ValueError as error:
        raise from_sentence(
            node, collector, "bad-port", error, "write 443, 123/UDP or 8000-8010/TCP"
        ) from error


def cidr(node: Node, collector: ProblemCollector) -> Network:
    """An address range, or one address.

    Raises:
        Misfit: for anything else.
    """
    written = text(node, collector)
    try:
        return parse_cidr(written)
    except ValueError as error:
        raise from_sentence(
            node, collector, "bad-cidr", error, "write 198.51.100.16/28 or 2001:db8::/32"
        ) from error


def flag(node: Node, _collector: ProblemCollector) -> bool:
    """True or false.

    Raises:
        Misfit: for anything else.
    """
    written = scalar(node)
    if written.plain and written.text.lower() in {"true", "false"}:
        return written.text.lower() == "true"
    raise Misfit


def whole(node: Node, _collector: ProblemCollector) -> int:
    """A whole number in plain digits; its bounds are the schema's.

    Raises:
        Misfit: for anything else.
    """
    written = scalar(node)
    if written.plain and re.fullmatch(r"0|[1-9][0-9]{0,14}", written.text):
        return int(written.text)
    raise Misfit


def choice(kind: type[Choice]) -> Make[Choice]:
    """Makes one of the constants of `kind`."""

    def make(node: Node, _collector: ProblemCollector) -> Choice:
        written = scalar(node).text
        if written not in {each.value for each in kind}:
            raise Misfit
        return kind(written)

    return make


def from_sentence(
    node: Node,
    collector: ProblemCollector,
    id: str,  # noqa: A002 - the field
    error: ValueError,
    remedy: str,
) -> Misfit:
    """The misfit that a sentence of the model is about; its end may already hold the remedy."""
    message, *remedies = _REMEDY.split(str(error))
    return collector.refuse(node.at, id, message, remedies[-1] if remedies else remedy)
