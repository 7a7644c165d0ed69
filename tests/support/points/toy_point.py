"""A point whose configuration is its rules as text, for what holds of every point."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from transire.engines.api.capabilities import Since
from transire.engines.api.releases import Releases
from transire.flows.host_set import HostSet
from transire.flows.port_set import PortSet, Protocol
from transire.flows.request_set import Request, RequestSet
from transire.model.engine import Release
from transire.model.names import HostKind
from transire.model.problems import Problem, Unjudgeable
from transire.points.api.point import Point, PointCapabilities
from transire.points.api.reading import Guard, PointDecision, PointUnmodelled
from transire.points.api.target import PointTarget
from transire.points.api.written import PointRefusal, Written

FILE = "toy.json"
TOY = Release(engine="toy")


def write(target: PointTarget) -> Written:
    """Exact hosts and single ports as JSON; anything else is refused."""
    refusals = tuple(
        PointRefusal(
            rule=rule.name,
            id="http-not-expressible",
            why="the toy has no methods",
            remedy="leave http out",
        )
        for listener in target.listeners
        for rule in listener.rules
        if rule.http is not None
    )
    if refusals:
        return Written(refusals=refusals)
    listeners = {
        each.pods.name: {
            "port": each.pods.port,
            "allow": sorted(
                [host.text, port.first]
                for rule in each.rules
                for host in rule.hosts
                for port in rule.ports
            ),
        }
        for each in target.listeners
    }
    return Written(files={FILE: json.dumps(listeners)})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyReading:
    """Configuration of the toy: a listener has `port` and `allow`, and nothing else is modelled."""

    tree: Mapping[str, Mapping[str, object]]
    unmodelled: tuple[PointUnmodelled, ...] = field(default=())

    @property
    def listeners(self) -> tuple[str, ...]:
        """The keys of the file."""
        return tuple(sorted(self.tree))

    def requests(self, listener: str) -> RequestSet:
        """Tunnels and requests in clear."""
        for each in self.unmodelled:
            if each.listener == listener:
                raise Unjudgeable(each.file, each.key, each.why)
        found = []
        for host, port in self.tree[listener]["allow"]:  # type: ignore[attr-defined]
            where = HostSet.exact([host]), PortSet.of_port(Protocol.TCP, port)
            found += [RequestSet.tunnel(*where), RequestSet.plain(*where)]
        return RequestSet.union(found)

    def guard(self, listener: str) -> Guard:
        """Its port alone."""
        return Guard(port=int(str(self.tree[listener]["port"])))

    def decide(self, listener: str, request: Request) -> PointDecision:
        """By the set."""
        return PointDecision(allowed=request in self.requests(listener), rule="allow")


def read(files: Mapping[str, str], release: Release) -> ToyReading:
    """What `write` gives, or what a person made of it."""
    del release
    tree = json.loads(files[FILE])
    strange = tuple(
        PointUnmodelled(
            file=FILE, key=f"/{name}/{key}", why=f"{key} is not modelled", listener=name
        )
        for name, listener in sorted(tree.items())
        for key in listener
        if key not in {"port", "allow"}
    )
    return ToyReading(tree=tree, unmodelled=strange)


def lint(files: Mapping[str, str], release: Release) -> tuple[Problem, ...]:
    """Nothing: the toy has no traps."""
    del files, release
    return ()


POINT = Point(
    name="toy",
    title="Toy",
    releases=Releases(engine="toy", lines=((1, 0),), newer=True),
    capabilities=PointCapabilities(
        hosts=frozenset({HostKind.EXACT}),
        port_ranges=Since(),
        http=Since(),
        originate=Since(),
        server_names=Since(),
        audit=Since(),
        most_listeners=None,
    ),
    write=write,
    read=read,
    lint=lint,
)
