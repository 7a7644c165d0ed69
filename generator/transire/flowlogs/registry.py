"""Every format of a log, by name; a line looks like one of them at most."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from transire.flowlogs.format import Format
from transire.flowlogs.formats.calico import CALICO
from transire.flowlogs.formats.calico_enterprise import CALICO_ENTERPRISE, CALICO_ENTERPRISE_DNS
from transire.flowlogs.formats.coredns import COREDNS
from transire.flowlogs.formats.eks import EKS
from transire.flowlogs.formats.envoy import ENVOY, ISTIO
from transire.flowlogs.formats.hubble import HUBBLE
from transire.flowlogs.formats.ovn import OVN
from transire.flowlogs.formats.smokescreen import SMOKESCREEN
from transire.flowlogs.formats.squid import SQUID, SQUID_JSON

_ORDER = (
    CALICO_ENTERPRISE,
    CALICO_ENTERPRISE_DNS,
    CALICO,
    HUBBLE,
    SMOKESCREEN,
    SQUID_JSON,
    ENVOY,
    OVN,
    EKS,
    COREDNS,
    SQUID,
    ISTIO,
)
FORMATS: Mapping[str, Format] = MappingProxyType({each.name: each for each in _ORDER})
"""Formats by the names that `--format` takes."""


_SHORTEST = 20
"""Bytes below which a line holds no two ends of a flow, whoever wrote it."""


def recognised(line: bytes) -> Format | None:
    """The first format that a line without its envelope looks like."""
    if len(line) < _SHORTEST:
        return None
    return next((each for each in _ORDER if each.recognises(line)), None)
