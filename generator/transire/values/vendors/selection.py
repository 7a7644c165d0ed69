"""Which part of a vendor's file goes into a bundle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches

from transire.model.problems import UsageError
from transire.values.vendors.published import Offer, Vendor

FAMILY = "family"
"""The filter by IP family, which every vendor's ranges have; its values are IPv4 and IPv6."""

Filters = Mapping[str, frozenset[str]]
"""By key, the values of which any will do; all keys must hold."""

_FAMILIES = frozenset({"IPv4", "IPv6"})
_MANY = 8


def filters(vendor: Vendor, written: Iterable[str]) -> Filters:
    """What `KEY=VALUE` words come to.

    Raises:
        UsageError: for another form, or a key that the vendor's files do not have.
    """
    keys = (*vendor.filters, FAMILY)
    found: dict[str, set[str]] = {}
    for word in written:
        key, equals, value = word.partition("=")
        if not equals or not value:
            raise UsageError(f"--only {word!r} is not KEY=VALUE; the keys are {', '.join(keys)}")
        if key not in keys:
            raise UsageError(
                f"--only {word!r}: {vendor.title} has no {key!r}; the keys are {', '.join(keys)}"
            )
        found.setdefault(key, set()).add(value)
    return {key: frozenset(values) for key, values in sorted(found.items())}


def selected(offers: Iterable[Offer], only: Filters, path: str) -> tuple[Offer, ...]:
    """The offers for which every filter holds, those by family among their ranges.

    Raises:
        UsageError: if a value occurs nowhere in the file, or nothing is left.
    """
    every = tuple(offers)
    for key, values in only.items():
        _check_values(key, values, every, path)
    found = [
        _of_family(each, only.get(FAMILY))
        for each in every
        if all(each.fields[key] & values for key, values in only.items() if key != FAMILY)
    ]
    left = tuple(each for each in found if each.hosts or each.ranges)
    if not left:
        what = " and ".join(f"{key}={value}" for key in only for value in sorted(only[key]))
        raise UsageError(f"{path} holds nothing for {what or 'a bundle'}")
    return left


def _of_family(offer: Offer, families: frozenset[str] | None) -> Offer:
    """The offer without ranges of other families; names have no family, and are left out, too."""
    if families is None:
        return offer
    ranges = tuple(each for each in offer.ranges if f"IPv{each.version}" in families)
    return replace(offer, hosts=(), ranges=ranges)


def _check_values(key: str, values: frozenset[str], offers: tuple[Offer, ...], path: str) -> None:
    known = _FAMILIES if key == FAMILY else {one for each in offers for one in each.fields[key]}
    for value in sorted(values - known):
        near = get_close_matches(value, sorted(known), n=3)
        some = near or sorted(known)[:_MANY]
        more = "" if near or len(known) <= _MANY else ", ..."
        raise UsageError(f"{path} has no {key}={value}; write {', '.join(some)}{more}")
