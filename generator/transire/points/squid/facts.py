"""What Squid is, as data.

Everything here was tried on the real 5.7 (Debian's package `squid`); the tests do so again. Newer
lines differ by their documentation in nothing that is written or read here.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Network

from transire.engines.api.capabilities import Never, Since
from transire.engines.api.releases import Releases
from transire.flows.host_set import HostSet
from transire.flows.port_set import PortSet
from transire.flows.request_set import RequestSet
from transire.flows.text_set import TextSet
from transire.model.names import HostKind
from transire.points.api.point import PointCapabilities

NAME = "squid"

FILE = "squid.conf"
"""The file that Squid is started with."""

RELEASES = Releases(
    engine=NAME,
    lines=((5, 7),),
    newer=True,
    because="5.7 is the first that was tried",
)

MOST_PORTS = 128
"""Squid warns of the 129th `http_port` and serves no more."""

LONGEST_LINE = 2_000
"""Characters of a line that we write."""

CUT_LINE = 4_000
"""Characters of a line beyond which Squid may read the rest as another line."""

MAPPED = IPv6Network("::ffff:0:0/96")
"""Squid takes an address of this range for the IPv4 address inside, and the range for all of IPv4.

So it never connects to one as such, and the range may never be in a list.
"""

CAPABILITIES = PointCapabilities(
    hosts=frozenset(HostKind) - {HostKind.BARE},
    port_ranges=Since(),
    http=Since(),
    originate=Never(),
    server_names=Never(),
    audit=Since(),
    most_listeners=MOST_PORTS,
)

_OF_A_CHARACTER = "2[12467-9A-Ca-c]|3[AaBb]|3[C-Fc-f]|40|5[BDEbde]|60|7[B-Eb-e]"
"""Escapes of characters that a path may also have as they are, and of the question mark."""


TAKES_ITSELF = ("PRI", "PURGE")
"""Methods that Squid passes on for nobody."""


@lru_cache(maxsize=1)
def of_its_own() -> RequestSet:
    """Requests with a method that Squid passes on for nobody, or in upper case alone.

    It takes `get` for GET, and so with every method that it knows; which these are depends on how
    it was built.
    """
    return _requests(methods=TextSet.matching(".*[a-z].*") | TextSet.of(TAKES_ITSELF))


def _requests(methods: TextSet | None = None, paths: TextSet | None = None) -> RequestSet:
    every = HostSet.everything(), PortSet.everything()
    in_clear = RequestSet.plain(*every, methods, paths)
    return in_clear | RequestSet.plain(*every, methods, paths, tls=True)


@lru_cache(maxsize=1)
def decoded_alike() -> RequestSet:
    """Requests whose path has an escape that Squid takes for the character itself.

    It compares a path and its query after it has decoded both once, so that `%2B` is a plus, `%3F`
    begins a query, and `%2500` is what it leaves of `%00`.
    """
    return _requests(paths=TextSet.matching(f".*%({_OF_A_CHARACTER}|2500).*"))
