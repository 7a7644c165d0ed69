"""Draw values that the charts take, with every string that careless programs change."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

Tree = dict[str, Any]

LABELS = ("y", "no", "on", "null", "0755", "1e3", "0x1f", "1-1", "inf", "a" * 63, "x--y")
SOURCES = (
    *("values/teams/a.yaml#b", "{{ .Release.Name }}", "{{ fail `x` }}", "'\"\\", "a: b # c", "~"),
    *("- %s %d", "y", "1e3", "12:30", "&a *b !c", "| |", " x ", "$(id)", "`id`", "@x", "---", "}}"),
)
KEYS = ("app", "y", "0755", "on", "example.com/part", "a.b-c/App.Kind_1", "null", "1e3")
VALUES = ("", "y", "no", "0755", "1e3", "true", "1.20", "0x1F", "A_b-c.d", "1_000", "x" * 63)
HOSTS = ("api.stripe.com", "_tcp.a", "xn--bcher-kva.example", "a", "1e3.on", "0755.y", "no")
PATTERNS = ("*.example.net", "**.storage.example.net", "s3-*.a.b", "*-x.y", "a.*.no")
FOUR = ("0.0.0.0/0", "198.51.100.0/24", "10.0.0.0/8", "169.254.20.10/32")
SIX = ("::/0", "2001:db8::/32", "fd00:ec2::254/128")
PROTOCOLS = ("TCP", "UDP", "SCTP")

names = st.sampled_from(LABELS)
sources = st.sampled_from(SOURCES)
ports = st.sampled_from((1, 22, 53, 443, 8080, 65535))
labels = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
cidrs = st.sampled_from(FOUR + SIX)
hosts = st.sampled_from(HOSTS)


def _one_or_more(one: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(one, min_size=1, max_size=most)


def _distinct(one: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(one, min_size=1, max_size=most, unique=True)


_pods = st.one_of(
    st.fixed_dictionaries({"namespace": names, "labels": labels}),
    st.fixed_dictionaries({"anyNamespace": st.just(value=True), "labels": labels}),
)
_blocks = _one_or_more(
    st.fixed_dictionaries({"cidr": cidrs}, optional={"except": _one_or_more(cidrs)})
)
_port = st.fixed_dictionaries(
    {"port": ports, "protocol": st.sampled_from(PROTOCOLS)}, optional={"endPort": ports}
)
_exact_port = st.fixed_dictionaries({"port": ports, "protocol": st.sampled_from(PROTOCOLS)})
_tcp_port = st.fixed_dictionaries({"port": ports, "protocol": st.just("TCP")})
_opened = _one_or_more(
    st.one_of(
        st.fixed_dictionaries({"matchName": hosts}),
        st.fixed_dictionaries({"matchPattern": st.sampled_from(PATTERNS)}),
    )
)
_asked = st.just([{"matchPattern": "*"}]) | _opened


def _cilium_groups(*, audit: bool) -> st.SearchStrategy[Any]:
    plain = st.fixed_dictionaries({"ports": _one_or_more(_port)})
    asking = st.fixed_dictionaries(
        {
            "ports": _one_or_more(_exact_port),
            "dns": st.just([{"matchPattern": "*"}]) if audit else _asked,
        }
    )
    named = st.fixed_dictionaries(
        {
            "ports": _one_or_more(_tcp_port),
            "serverNames": _distinct(hosts | st.sampled_from(("*.a.b", "**.a"))),
        }
    )
    groups = st.one_of(plain, asking) if audit else st.one_of(plain, asking, named)
    return st.just("all") | _one_or_more(groups)


def _cilium(*, audit: bool) -> st.SearchStrategy[Tree]:
    groups = _cilium_groups(audit=audit)
    entities = st.sampled_from(("host", "remote-node", "kube-apiserver"))
    return st.one_of(
        st.fixed_dictionaries({"fqdns": _opened, "ports": groups}),
        st.fixed_dictionaries({"cidrs": _blocks, "ports": groups}),
        st.fixed_dictionaries({"endpoints": _one_or_more(_pods), "ports": groups}),
        st.fixed_dictionaries({"entities": _one_or_more(entities), "ports": groups}),
    )


def _kubernetes() -> st.SearchStrategy[Tree]:
    listed = st.just("all") | _one_or_more(_port)
    return st.one_of(
        st.fixed_dictionaries({"cidrs": _blocks, "ports": listed}),
        st.fixed_dictionaries({"pods": _one_or_more(_pods), "ports": listed}),
    )


def _calico(*, enterprise: bool) -> st.SearchStrategy[Tree]:
    listed = _one_or_more(ports | st.just("8000:8010"))
    way = st.one_of(
        st.fixed_dictionaries({"protocol": st.sampled_from(PROTOCOLS), "ports": listed}),
        st.fixed_dictionaries(
            {"protocol": st.sampled_from((*PROTOCOLS, "all")), "ports": st.just("all")}
        ),
    )
    some = st.fixed_dictionaries({"labels": labels.filter(bool)})
    kinds = [
        *(
            st.fixed_dictionaries({"nets": _distinct(nets)}, optional={"notNets": _distinct(nets)})
            for nets in (st.sampled_from(FOUR), st.sampled_from(SIX))
        ),
        st.fixed_dictionaries({"pods": _pods}),
        st.fixed_dictionaries({"networkSet": some}),
        *([st.fixed_dictionaries({"set": names})] if enterprise else []),
    ]
    service = st.fixed_dictionaries(
        {
            "service": st.fixed_dictionaries({"name": names, "namespace": names}),
            "protocol": st.sampled_from((*PROTOCOLS, "all")),
        }
    )
    return service | st.builds(lambda kind, ways: {**kind, **ways}, st.one_of(kinds), way)


def _items(engine: str, *, audit: bool) -> st.SearchStrategy[Tree]:
    match engine:
        case "cilium":
            return _cilium(audit=audit)
        case "kubernetes":
            return _kubernetes()
        case _:
            return _calico(enterprise=engine == "calico-enterprise")


def _rules(engine: str, prefix: str, *, audit: bool) -> st.SearchStrategy[list[Tree]]:
    calico = engine.startswith("calico")
    rule = st.fixed_dictionaries(
        {
            "name": names.map(lambda name: f"{prefix}{name}"[:63].rstrip("-")),
            "layer": st.sampled_from(("dns", "allow", "in-cluster")),
            "source": sources,
            "from": labels,
            **({"order": st.integers(1, 8999)} if calico else {}),
            "to": _one_or_more(_items(engine, audit=audit)),
        }
    )
    return st.lists(rule, max_size=3, unique_by=lambda each: str(each["name"]))


def _sets(engine: str) -> st.SearchStrategy[list[Tree]]:
    if engine != "calico-enterprise":
        return st.just([])
    domains = _distinct(hosts | st.just("*.example.net"))
    one = st.fixed_dictionaries({"name": names, "source": sources, "domains": domains})
    return st.lists(one, max_size=2, unique_by=lambda each: str(each["name"]))


def _tier(engine: str) -> st.SearchStrategy[Tree]:
    if not engine.startswith("calico"):
        return st.just({})
    return st.just({"tier": {"name": "egress"}})


@cache
def policy_values(engine: str) -> st.SearchStrategy[Tree]:
    """Values of `egress-policy` for one engine."""
    modes = [False] if engine == "kubernetes" else [False, True]
    return st.sampled_from(modes).flatmap(lambda audit: _policy(engine, audit=audit))


def _policy(engine: str, *, audit: bool) -> st.SearchStrategy[Tree]:
    prefix = "egress." if engine.startswith("calico") else "egress-allow-"
    whole = st.fixed_dictionaries(
        {
            "target": st.builds("{}.{}".format, names, names) | st.just(""),
            "team": names,
            "namespace": names,
            "engine": st.just(engine),
            "mode": st.just("audit" if audit else "enforce"),
            "source": sources,
            "ownDefaults": st.booleans(),
            "rules": _rules(engine, prefix, audit=audit),
            "sets": _sets(engine),
        }
    )
    return st.builds(lambda values, tier: {**values, **tier}, whole, _tier(engine))


@cache
def baseline_values(engine: str) -> st.SearchStrategy[Tree]:
    """Values of `egress-baseline` for one engine."""
    nobody: st.SearchStrategy[Tree] = st.just({"namespaces": [], "rules": [], "sets": []})
    audit = nobody if engine == "kubernetes" else nobody | _part(engine, audit=True)
    whole = st.fixed_dictionaries(
        {
            "cluster": names,
            "engine": st.just(engine),
            "source": sources,
            "ownDefaults": st.booleans(),
            "enforce": nobody | _part(engine, audit=False),
            "audit": audit,
            "admission": st.fixed_dictionaries(
                {
                    "enabled": st.booleans(),
                    "serviceAccounts": st.just(["system:serviceaccount:1e3:on"]),
                }
            ),
        }
    )
    return st.builds(lambda values, tier: {**values, **tier}, whole, _tier(engine))


def _part(engine: str, *, audit: bool) -> st.SearchStrategy[Tree]:
    prefix = "egress.baseline-" if engine.startswith("calico") else "egress-baseline-"
    return st.fixed_dictionaries(
        {
            "namespaces": _distinct(names, 5),
            "rules": _rules(engine, prefix, audit=audit),
            "sets": _sets(engine),
        }
    )


@cache
def tier_values() -> st.SearchStrategy[Tree]:
    """Values of `egress-tier`."""
    account = st.fixed_dictionaries({"name": names, "namespace": names})
    tier = st.fixed_dictionaries({"name": names, "order": st.integers(1, 999999)})
    accounts = st.lists(account, max_size=2, unique_by=str)
    return st.fixed_dictionaries({"tier": tier, "serviceAccounts": accounts})
