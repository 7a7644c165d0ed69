"""Verdicts in words: reasons, and what no policy can hold."""

from __future__ import annotations

from functools import lru_cache

from transire.engines.cilium.objects.identity import Identity
from transire.engines.cilium.objects.ports import protocol_name
from transire.engines.cilium.objects.rules import Named, Origin, Parser
from transire.engines.cilium.verdicts.endpoint import Endpoint
from transire.engines.cilium.verdicts.policy_map import Candidate
from transire.model.net import Address
from transire.queries.query import Caveat, Decision, HttpRequest, Verdict

SHARED_ADDRESS = "shared-address"
NODE_CACHE = "node-cache"
NEVER_LEARNT = "name-never-learned"
ASSUMED_ADDRESS = "assumed-address"
ASSUMED_RESOLVER = "assumed-resolver"
FAMILY_OFF = "family-off"
TLS_ONLY = "tls-only"
L7_RULES = "l7-not-judged"
SCTP_OFF = "sctp-off"
NOT_GIVEN = "not-given"
AGGREGATE = "aggregate-identity"
SEARCH_NAMES = "search-names-refused"
BEHIND_SERVICE = "behind-service"


@lru_cache(maxsize=4096)
def port_wording(protocol: int, port: int) -> str:
    """A port as people write it: `443/TCP`, `ICMP type 8`."""
    name = protocol_name(protocol)
    return f"{name} type {port}" if name.startswith("ICMP") else f"{port}/{name}"


def allowed(reason: str, origin: Origin | None, *caveats: Caveat) -> Decision:
    """The verdict that a flow passes."""
    return Decision(
        verdict=Verdict.ALLOW,
        reason=reason,
        decided_by=origin.deciding if origin else None,
        caveats=caveats,
    )


def denied(reason: str, origin: Origin | None = None, *caveats: Caveat) -> Decision:
    """The verdict that a flow is dropped."""
    return Decision(
        verdict=Verdict.DENY,
        reason=reason,
        decided_by=origin.deciding if origin else None,
        caveats=caveats,
    )


def unjudgeable(reason: str) -> Decision:
    """The verdict where none can be given."""
    return Decision(verdict=Verdict.UNJUDGEABLE, reason=reason)


def unjudged(endpoint: Endpoint) -> Decision | None:
    """Why a pod cannot be judged, if so."""
    if endpoint.entry:
        return unjudgeable(str(endpoint.entry))
    if endpoint.conflict:
        objects = sorted({str(each.object) for each in endpoint.conflict.origins})
        return unjudgeable(
            f"the agent computes no policy for the pod, since {endpoint.conflict.why}: "
            f"{', '.join(objects)}; what then holds depends on what held before"
        )
    return None


def allowed_by(
    found: Candidate, ports: str, identity: Identity, *, lifted: bool = False
) -> Decision:
    """A connection that a rule lets through; with `lifted` no content is refused."""
    origin, caveats = found.entry.origins[0], []
    selector, parser = found.entry.selector, found.entry.parser
    if not isinstance(selector, Named) and not found.selects_itself(identity):
        caveats.append(_aggregate(origin, identity))
    if isinstance(selector, Named):
        if lifted or parser is not Parser.TLS:
            caveats.append(_shared(identity.address))
        caveats.append(_NODE_CACHE)
    if parser is Parser.TLS and found.entry.server_names and not lifted:
        text = "only TLS passes that names one of the listed servers"
        caveats.append(Caveat(id=TLS_ONLY, text=text))
    elif parser not in {Parser.NONE, Parser.DNS} and not lifted:
        text = f"a proxy looks into the connection ({parser.name}), which is not judged here"
        caveats.append(Caveat(id=L7_RULES, text=text))
    return allowed(f"{origin.wording} allows {ports} to {identity.wording}", origin, *caveats)


_NODE_CACHE = Caveat(
    id=NODE_CACHE,
    text="what any pod of the node has looked up counts for all pods with such a rule",
)


@lru_cache(maxsize=4096)
def _shared(address: Address | None) -> Caveat:
    text = f"any other name on {address} can be reached too, as the rule lets the address in"
    return Caveat(id=SHARED_ADDRESS, text=text)


def denied_by(found: Candidate, ports: str, identity: Identity) -> Decision:
    """A connection that a rule drops."""
    origin = found.entry.origins[0]
    caveats = () if found.selects_itself(identity) else (_aggregate(origin, identity),)
    return denied(f"{origin.wording} denies {ports} to {identity.wording}", origin, *caveats)


def _aggregate(origin: Origin, identity: Identity) -> Caveat:
    """Why a rule has an effect on what it does not select."""
    text = (
        f"{origin.wording} does not select {identity.wording}, but "
        f"reserved:{identity.aggregate}, as which 1.20 looks it up too"
    )
    return Caveat(id=AGGREGATE, text=text)


def other_server(origin: Origin, host: str) -> Decision:
    """A connection that the proxy resets in the TLS handshake, since it names another server."""
    why = f"{origin.wording} lets only TLS through that names one of its servers"
    return denied(f"{why}, and {host} is none of them", origin)


def no_such_request(origin: Origin, request: HttpRequest) -> Decision:
    """A request that the proxy answers with 403."""
    why = f"{origin.wording} and the rules for the same port let no request through that is"
    return denied(f"{why} {request}", origin)


def redirected(origin: Origin, request: HttpRequest) -> Decision:
    """A request that the proxy answers with a redirect, since its path has an escaped slash."""
    why = f"the proxy of {origin.wording} redirects a path with an escaped slash"
    return denied(f"{why}, and lets {request} through to nobody", origin)


def node_cache() -> Caveat:
    """What a verdict without a lookup cannot know."""
    text = (
        "if a pod of the node has looked up a name of such a rule and got this address, it passes"
    )
    return Caveat(id=NODE_CACHE, text=text)


def never_learnt(host: str, why: str) -> Caveat:
    """Why a rule for a name never applies."""
    return Caveat(id=NEVER_LEARNT, text=f"no address is ever learnt for {host}: {why}")


def not_given(origin: Origin, missing: str) -> Caveat:
    """What somebody else may fill, or has filled, and nobody gave."""
    text = f"{origin.wording}: {missing}, and with it the verdict may be another"
    return Caveat(id=NOT_GIVEN, text=text)


def assumed_address(address: Address) -> Caveat:
    """What stands for an address that nobody gave."""
    text = f"no address is given, so {address} stands for some public address"
    return Caveat(id=ASSUMED_ADDRESS, text=text)


def assumed_resolver(name: str) -> Caveat:
    """What stands for a resolver that the cluster file lacks."""
    text = f"the cluster file has no {name}, so a pod with the label k8s-app=kube-dns stands for it"
    return Caveat(id=ASSUMED_RESOLVER, text=text)


@lru_cache(maxsize=4096)
def search_names(refused: str) -> Caveat:
    """What a pod with the usual search list meets before it looks up the name itself."""
    text = (
        "with the usual search list and ndots:5 a pod asks for the name below "
        f"{refused} first, which is refused, and some resolvers stop there"
    )
    return Caveat(id=SEARCH_NAMES, text=text)


def behind_service(service: str, port: str) -> Caveat:
    """Where lookups arrive that are sent to a service."""
    text = f"lookups reach the resolver through {service} on {port}, which is what policies see"
    return Caveat(id=BEHIND_SERVICE, text=text)


def family_off(address: Address) -> Caveat:
    """A flow of a family that the cluster does not have."""
    text = f"IPv{address.version} is off in this cluster, so no pod has an address to use"
    return Caveat(id=FAMILY_OFF, text=text)


def sctp_off() -> Caveat:
    """A flow that the kernel drops whatever policies hold."""
    text = "SCTP is carried only where the agent flag enable-sctp is on"
    return Caveat(id=SCTP_OFF, text=text)
