"""Which names anybody may register below: the public suffix list, private part included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import takewhile

from publicsuffixlist import PublicSuffixList

from transire.meaning.suffix_facts import ONE_OWNER, UNLISTED
from transire.model.problems import Level


@cache
def _suffixes(*, only_icann: bool) -> PublicSuffixList:
    if only_icann:
        return PublicSuffixList(accept_unknown=True, only_icann=True)
    rules = "\n".join((*_written(), *_lines()))
    return PublicSuffixList(source=rules, accept_unknown=True, accept_encoded_idn=False)


def is_public_suffix(name: str) -> bool:
    """Whether strangers can have names directly below `name`, as with com, co.uk and github.io.

    Unknown top-level names count as public suffixes, and so does the root. Where each name below
    is a suffix itself, as with elb.amazonaws.com, strangers share those. What one owner keeps to
    himself is none, though the list has it.
    """
    if not name:
        return True
    if name in ONE_OWNER:
        return False
    listed = name in UNLISTED or name in _of_wildcards()
    return listed or bool(_suffixes(only_icann=False).is_public(name))


def is_top_level(label: str) -> bool:
    """Whether the list knows a domain of the highest level by that name."""
    return label in _tops()


@cache
def _tops() -> frozenset[str]:
    return frozenset(line.rpartition(".")[2] for line in _lines())


def suffixes_below(tail: str) -> tuple[str, ...]:
    """The public suffixes that end in a dot and `tail`, shortest first; none below the root."""
    return _by_tail().get(tail, ())


@cache
def _by_tail() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    suffixes = {*_listed(), *_of_wildcards(), *UNLISTED} - ONE_OWNER.keys()
    for suffix in sorted(suffixes, key=lambda each: (each.count("."), len(each), each)):
        labels = suffix.split(".")
        for place in range(1, len(labels)):
            found.setdefault(".".join(labels[place:]), []).append(suffix)
    return {tail: tuple(each) for tail, each in found.items()}


@cache
def _of_wildcards() -> frozenset[str]:
    """The names below which every name is a suffix."""
    return frozenset(line.removeprefix("*.") for line in _lines() if line.startswith("*."))


def _listed() -> Iterator[str]:
    """The suffixes of the list without wildcards and exceptions."""
    yield from (each for each in _lines() if not each.startswith(("*", "!")))


@cache
def _lines() -> tuple[str, ...]:
    """The rules of the list, in the spelling of DNS, which takes long to find for a thousand."""
    return tuple(
        rule if rule.isascii() else rule.encode("idna").decode("ascii") for rule in _written()
    )


@cache
def _written() -> tuple[str, ...]:
    """The rules as the list has them."""
    text = files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    rules = (line.strip() for line in text.splitlines())
    return tuple(rule for rule in rules if rule and not rule.startswith("//"))


def weight_of(suffix: str) -> Level | None:
    """The level of a wildcard below a public suffix, where it weighs less than an error.

    Registries sell names to anybody; below a suffix of the private part, such as github.io, one
    company hands them out to its customers.
    """
    registry = not suffix or bool(_suffixes(only_icann=True).is_public(suffix))
    return None if registry else Level.WARNING


def registrable_domain(pattern: str) -> str | None:
    """The domain right below a public suffix; None where the pattern has none, such as `*.com`."""
    fixed = list(takewhile(lambda label: label and "*" not in label, pattern.split(".")[::-1]))
    suffixes = _suffixes(only_icann=False)
    domain = suffixes.privatesuffix(".".join(reversed(fixed))) if fixed else None
    return None if domain is None else str(domain)
