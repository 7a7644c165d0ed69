"""What a failed proof shows to people: the flow, who allows it, and how to try it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from transire.engines.api.reading import Reading
from transire.engines.registry import engine_of
from transire.flows.flow import Flow
from transire.flows.peer_set import PeerKind
from transire.flows.pod_set import DEFAULT_ACCOUNT, written_labels
from transire.flows.port_set import protocol_name
from transire.k8s.admission import Pruned, Refused
from transire.k8s.api_kinds import group_of
from transire.k8s.manifests import Manifest
from transire.meaning.target import Target
from transire.model.intent import Cluster
from transire.model.problems import Position, Problem
from transire.queries.query import Connection, DnsQuery, HttpRequest, Query, Source
from transire.review.proof.counter_example import CounterExample

_HELP = (
    "the charts and the values disagree: run `transire init --upgrade` if the charts were edited, "
    "else report this with the values file"
)


def disproved(target: Target, found: CounterExample, reading: Reading) -> Problem:
    """The finding for one counter-example, with the object that decides where one does."""
    flow = shown(found.flow, server_names=target.cluster.server_names)
    if found.allowed:
        decided = reading.decide(as_query(found.flow)).decided_by
        by = "the objects" if decided is None else f"{decided.object} ({decided.rule})"
        message = f"{target.name}: {flow} is allowed by {by} but not by the values"
    else:
        message = f"{target.name}: {flow} is allowed by the values but not by the objects"
    return _problem(target, "not-proved", message)


def left_out(
    target: Target, refused: Sequence[Refused], pruned: Sequence[Pruned]
) -> Iterator[Problem]:
    """A finding for each object or field of ours that the cluster would not take."""
    for each in refused:
        message = f"{target.name}: {each.object} would be refused by the {each.by}: {each.why}"
        yield _problem(target, "refused-object", message)
    for one in pruned:
        message = f"{target.name}: the field {one.path} would be dropped by the API server"
        yield _problem(target, "pruned-field", message)


def misplaced(
    target: Target, own: Sequence[Manifest], kinds: Container[tuple[str, str]]
) -> Iterator[Problem]:
    """A finding for each object of a target that does not stay in its namespace, or is no policy.

    `kinds` are those that a team may publish, with their API groups.
    """
    for each in own:
        if (group_of(each), each.ref.kind) not in kinds:
            message = f"{target.name}: {each.ref} is of a kind that no team publishes"
            yield _problem(target, "stray-object", message)
        elif each.ref.namespace != target.namespace:
            message = f"{target.name}: {each.ref} is not in the namespace {target.namespace}"
            yield _problem(target, "stray-object", message)


def read_otherwise(target: Target, found: CounterExample, where: str) -> Problem:
    """The finding where something that is not known of the cluster decides what is allowed."""
    flow = shown(found.flow, server_names=target.cluster.server_names)
    here, else_where = ("allowed", "denied") if found.allowed else ("denied", "allowed")
    return replace(
        _problem(
            target,
            "read-otherwise",
            f"{target.name}: {where} the objects mean something else: {flow} is {here} there, and "
            f"{else_where} otherwise",
        ),
        help=f"write definitions of cluster {target.cluster.name!r} in the platform's file: native "
        "or api-server",
    )


def governing_ingress(target: Target, objects: Sequence[Manifest]) -> Iterator[Problem]:
    """A finding for each object that would decide what may come in, too."""
    scope = engine_of(target.cluster.release).scope
    for each in objects:
        if scope.ingress(each):
            message = f"{target.name}: {each.ref} would also decide what may come in"
            yield _problem(target, "governs-ingress", message)


def touched(cluster: Cluster, found: CounterExample) -> Problem:
    """The finding for a namespace that is not enrolled and that a baseline reaches all the same."""
    how = "opens" if found.allowed else "blocks"
    message = (
        f"{cluster.name}: the baseline {how} {shown(found.flow)}, "
        "and that namespace is not enrolled"
    )
    return Problem(at=cluster.at, id="not-enrolled", message=message, help=_HELP)


def place_of(target: Target) -> Position:
    """Where the values name the target, or the file of its team."""
    return target.at if target.at.path else Position(path=target.team_path)


def _problem(target: Target, rule: str, message: str) -> Problem:
    return Problem(at=place_of(target), id=rule, message=message, help=_HELP)


def shown(flow: Flow, *, server_names: bool = False) -> str:
    """The flow as one line: what, where, from which pod.

    `server_names` also shows a missing server name, for a cluster that checks them.
    """
    source = written_labels(flow.source.labels)
    pod = f"{flow.source.namespace}/{source}" if source else f"a pod of {flow.source.namespace}"
    if flow.source.account != DEFAULT_ACCOUNT:
        pod = f"{pod} with the service account {flow.source.account}"
    port = f"{flow.port}/{protocol_name(flow.protocol)}"
    where = f"{_end(flow)} on {port}"
    if flow.queried is not None:
        return f"asking for {flow.queried} at {where} from {pod}"
    server = " without a server name" if server_names and flow.host else ""
    if flow.server_name:
        server = f" with server name {flow.server_name}"
    if flow.method is not None:
        server += f" carrying {flow.method} {flow.path or '/'}"
    return f"{where}{server} from {pod}"


def _end(flow: Flow) -> str:
    if flow.peer is PeerKind.POD and flow.pod is not None:
        labels = written_labels(flow.pod.labels)
        return f"pod {flow.pod.namespace}/{labels}" if labels else f"pods of {flow.pod.namespace}"
    if flow.peer is PeerKind.NODE:
        return f"{'+'.join(sorted(flow.reserved)) or 'node'} {flow.address}"
    return f"{flow.host} ({flow.address})" if flow.host else str(flow.address)


def as_query(flow: Flow) -> Query:
    """The flow as a query that `explain` takes."""
    pod = flow.source
    source = Source(namespace=pod.namespace, labels=pod.labels, account=pod.account)
    protocol = protocol_name(flow.protocol)
    what: DnsQuery | Connection
    if flow.queried is not None:
        what = DnsQuery(
            host=flow.queried, dns_server=str(flow.address), port=flow.port, protocol=protocol
        )
    elif flow.pod is not None:
        what = Connection(
            port=flow.port,
            protocol=protocol,
            peer_namespace=flow.pod.namespace,
            peer_labels=flow.pod.labels,
            request=_request(flow),
        )
    else:
        what = Connection(
            port=flow.port,
            protocol=protocol,
            ip=flow.address,
            host=flow.host or "",
            peer_reserved=flow.reserved,
            request=_request(flow),
        )
    return Query(id="1", source=source, what=what)


def _request(flow: Flow) -> HttpRequest | None:
    if flow.method is None:
        return None
    return HttpRequest(
        method=flow.method,
        path=flow.path or "/",
        host=flow.http_host or flow.host or "",
        headers=flow.headers,
    )
