"""GitHub: the `meta` endpoint of its API, a list of ranges or names for each service.

A list of ranges is named by its key, such as `hooks`; names stand under `domains`, such as
`domains.packages`. A filter `service=domains` takes all of those.
Source: https://docs.github.com/rest/meta/meta.
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.values.vendors.json_place import JsonPlace
from transire.values.vendors.published import Offer, Published, Vendor

_DOMAINS = "domains"
_ALWAYS = ("hooks", "web", "api", "git")
"""Lists that the file has had for as long as there is one; another file has not."""

_KEYS_OF_SSH = ("ssh_keys", "ssh_key_fingerprints", "verifiable_password_authentication")
_NOT_REACHED = frozenset({"trust_domain"})
"""What stands under `domains` and names no host that anything connects to."""


def read(text: str, path: str) -> Published:
    """The file.

    Raises:
        Rejected: if it is not all there, or holds something that is not known.
    """
    whole = JsonPlace.of(text, path)
    fields = whole.every_field()
    for key in _ALWAYS:
        if key not in fields:
            whole.refuse(f"has no {key!r}")
    offers: list[Offer] = []
    for key, place in fields.items():
        if key == _DOMAINS:
            offers += _domains(place)
        elif key not in _KEYS_OF_SSH:
            ranges = tuple(each.network() for each in place.items())
            offers.append(Offer(fields={"service": frozenset({key})}, ranges=ranges))
    return Published(offers=tuple(offers))


def _domains(place: JsonPlace) -> Iterator[Offer]:
    for key, each in place.every_field().items():
        lists = [each]
        if isinstance(each.value, dict):
            inner = each.every_field()
            lists = [one for name, one in inner.items() if name not in _NOT_REACHED]
        hosts = tuple(one.host() for some in lists for one in some.items())
        services = frozenset({_DOMAINS, f"{_DOMAINS}.{key}"})
        yield Offer(fields={"service": services}, hosts=hosts)


VENDOR = Vendor(
    name="github",
    title="GitHub",
    filters=("service",),
    url="https://api.github.com/meta",
    read=read,
)
