"""Names of ICMP types that policies may use instead of numbers.

Source: `pkg/policy/api/icmp.go`; a name is looked up in the table of its family, so that most
names of one family are refused in a rule of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

IPV4_TYPES: Mapping[str, int] = MappingProxyType(
    {
        "EchoReply": 0,
        "DestinationUnreachable": 3,
        "Redirect": 5,
        "Echo": 8,
        "EchoRequest": 8,
        "RouterAdvertisement": 9,
        "RouterSelection": 10,
        "TimeExceeded": 11,
        "ParameterProblem": 12,
        "Timestamp": 13,
        "TimestampReply": 14,
        "Photuris": 40,
        "ExtendedEchoRequest": 42,
        "ExtendedEchoReply": 43,
    }
)

IPV6_TYPES: Mapping[str, int] = MappingProxyType(
    {
        "DestinationUnreachable": 1,
        "PacketTooBig": 2,
        "TimeExceeded": 3,
        "ParameterProblem": 4,
        "EchoRequest": 128,
        "EchoReply": 129,
        "MulticastListenerQuery": 130,
        "MulticastListenerReport": 131,
        "MulticastListenerDone": 132,
        "RouterSolicitation": 133,
        "RouterAdvertisement": 134,
        "NeighborSolicitation": 135,
        "NeighborAdvertisement": 136,
        "RedirectMessage": 137,
        "RouterRenumbering": 138,
        "ICMPNodeInformationQuery": 139,
        "ICMPNodeInformationResponse": 140,
        "InverseNeighborDiscoverySolicitation": 141,
        "InverseNeighborDiscoveryAdvertisement": 142,
        "HomeAgentAddressDiscoveryRequest": 144,
        "HomeAgentAddressDiscoveryReply": 145,
        "MobilePrefixSolicitation": 146,
        "MobilePrefixAdvertisement": 147,
        "DuplicateAddressRequestCodeSuffix": 157,
        "DuplicateAddressConfirmationCodeSuffix": 158,
        "ExtendedEchoRequest": 160,
        "ExtendedEchoReply": 161,
    }
)

SCHEMA_NAMES = (IPV4_TYPES.keys() | IPV6_TYPES.keys() | {"ExtendedEcho Reply"}) - {
    "ExtendedEchoReply"
}
"""What the schema takes: it misspells `ExtendedEchoReply`, which no rule can therefore use."""
