"""The ids of what a point cannot have exactly, and of what its configuration lets through."""

from __future__ import annotations

from transire.model.problems import Level
from transire.model.rule_page import RuleKind, RulePage, brief

MISTAKES: tuple[RulePage, ...] = (
    *brief(
        RuleKind.CHECK,
        Level.ERROR,
        {
            "envoy-clear-ports": "A proxy has requests in clear on every port of its rules.",
            "envoy-listeners": "There are more classes of pods than listeners fit into one file.",
            "envoy-name": "A class of pods has the name of the listener for metrics.",
            "envoy-not-modelled": "Something in the configuration of Envoy is not modelled.",
            "envoy-port": "A class of pods has no port of its own.",
            "envoy-server-names": "What is written for Envoy compares no TLS name in a tunnel.",
            "envoy-underscore": "Envoy ends every request for a name with an underscore.",
            "istio-audit": "An egress gateway stops what is not listed, and has no audit.",
            "istio-clear-ports": "A mesh has requests in clear on port 80 alone.",
            "istio-denied": "A mesh denies no range of addresses behind a name.",
            "istio-empty": "No pods are in the mesh.",
            "istio-gateway-port": "An egress gateway leads TLS on port 443 alone.",
            "istio-listener-port": "A mesh takes connections on every port.",
            "istio-one-label": "Istio has no wildcard for exactly one label.",
            "istio-originate-port": "A host goes on by TLS beside another port in clear.",
            "istio-pods": "A mesh tells namespaces apart, and not pods of one of them.",
            "istio-port-range": "An entry of Istio has single ports.",
            "istio-root": "Objects in the root namespace would hold for all of the mesh.",
            "istio-server-names": "A mesh knows hosts of TLS by their names alone.",
            "istio-tcp": "Without a name of TLS a host opens every address of the port.",
            "istio-two-kinds": "One port would carry two kinds of connections in the mesh.",
            "istio-underscore": "Istio takes no host with an underscore.",
            "istio-unread": "An object of the mesh is not read, so nothing is judged beside it.",
            "istio-wildcard": "This mode of Istio serves the wildcard nowhere, or astray.",
            "istio-wildcard-port": "A mesh leads requests below a wildcard to one port alone.",
            "linkerd-empty": "No pods are in the mesh.",
            "linkerd-one-label": "Linkerd has no wildcard for exactly one label.",
            "linkerd-originate": "Linkerd starts no TLS towards an origin.",
            "linkerd-pods": "A network of Linkerd is for the whole of a namespace.",
            "linkerd-port-range": "A route of Linkerd is for one port.",
            "linkerd-target": "Linkerd compares names, and denies no ranges.",
            "linkerd-tcp": "Without a name of TLS a host opens every address of the port.",
            "linkerd-two-kinds": "One port would need two kinds of routes.",
            "linkerd-underscore": "Routes take no host with an underscore.",
            "linkerd-unread": "An object of the mesh is not read, so nothing is judged beside it.",
            "squid-host": "Squid has no list of every name of a kind.",
            "squid-line": "A path may not fit into a line of Squid.",
            "squid-method": "Squid takes the method for itself, and passes none on.",
            "squid-no-listener": "No pods use the proxy, and Squid does not start without a port.",
            "squid-not-modelled": "Something in the configuration of Squid is not modelled.",
            "squid-originate": "Squid does not go on by TLS with a request in clear.",
            "squid-path": "Squid compares the path after it has decoded it.",
            "squid-port": "A class of pods has no port of its own.",
            "squid-ports": "Squid serves fewer ports than there are classes of pods.",
            "squid-release": "The release of Squid is not modelled.",
            "squid-resolver": "Squid sends its questions to port 53 alone.",
            "squid-server-names": "This Squid compares no TLS names.",
        },
    ),
    *brief(
        RuleKind.CHECK,
        Level.WARNING,
        {
            "envoy-any-address": "A name may lead the proxy to any address, into the cluster too.",
            "squid-any-address": "A name may lead the proxy to any address, into the cluster too.",
            "squid-mapped": "Squid takes a range of mapped addresses for every IPv4 address.",
            "squid-open-end": "What no rule matches is the opposite of the last rule.",
            "squid-reverse-lookup": "A list of names also holds of addresses by their lookup.",
            "squid-star": "A name with a star in it is compared as it is, and none has one.",
        },
    ),
    *brief(
        RuleKind.CHECK,
        Level.NOTE,
        {
            "envoy-audit": "A listener lets everything through, and logs what it would deny.",
            "squid-audit": "A port lets everything through, and logs what it would deny.",
        },
    ),
)
"""One sentence for each."""
