"""Whether objects and values allow the same, rule by rule, before any set is worked out.

Both sides are unions of products: a rule of the values is one for each kind of destination, and so
is a rule of the objects. Equal products are equal unions, whatever they overlap, so nothing has to
be united where objects and values have the same ones.

That is sound under two conditions, and each side says itself whether they hold for it, by giving
products or none. The objects' flows have to be no more and no less than the union of what their
rules allow: no denial, no order in which a rule could hide another, no pod that is open for want of
a policy, no claim on a port by which a rule takes from another (`Reading.products`). And the values
have to withhold nothing from their union (`meant_products`).

Fail closed: this only ever proves. Products that differ, and targets that have none, are left to
the whole proof, which works both sets out and finds a counter-example.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from transire.engines.api.reading import Reading
from transire.flows.flow_set import FlowSet
from transire.flows.port_set import PortSet
from transire.flows.products import Product, joined, union
from transire.flows.source_pods import Sources
from transire.meaning.host_sets import host_set, host_sets
from transire.meaning.target import Approximated
from transire.model.intent import Approximation
from transire.model.names import HostPattern
from transire.model.problems import Unjudgeable


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What objects allow some pods, in the form that is needed.

    Raises:
        Unjudgeable: from either form, if an object that concerns them holds what is not modelled.
    """

    reading: Reading
    pods: Sources
    api_server_ports: PortSet

    @cached_property
    def products(self) -> frozenset[Product] | None:
        """Products whose union it is, joined; None where it is no plain union."""
        found = self.reading.products(self.pods, self.api_server_ports)
        return None if found is None else joined(found)

    @cached_property
    def flows(self) -> FlowSet:
        """The set of flows."""
        return self.reading.flows(self.pods, self.api_server_ports)

    def is_surely(self, meant: Iterable[Product] | None, scope: FlowSet) -> bool:
        """Whether products show that it is the union of these in the scope."""
        if self.products is None or meant is None:
            return False
        return _same(self.products, joined(meant), scope)


def _same(one: frozenset[Product], other: frozenset[Product] | None, scope: FlowSet) -> bool:
    """Whether two unions are equal in the scope, by the products that they do not share."""
    if other is None or one == other:
        return other is not None
    try:
        return union(one - other) & scope == union(other - one) & scope
    except Unjudgeable:  # these few products are too much, so all of them have to show it
        return False


def within_consent(approximated: Iterable[Approximated]) -> bool:
    """Whether each host that was widened only gained names, and each that was narrowed lost some.

    What rules allow grows with the names of each host, where nothing is withheld. So if this holds
    of each host, it holds of all flows.
    """
    for each in approximated:
        written = host_set(HostPattern.parse(each.written))
        became = host_sets(map(HostPattern.parse, each.became))
        less, more = (became, written) if each.how is Approximation.NARROW else (written, became)
        if not less <= more:
            return False
    return True
