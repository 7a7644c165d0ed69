"""A network in which every address is this machine, made from inside by netlink."""

from __future__ import annotations

import fcntl
import socket
import struct

_SIOCSIFFLAGS = 0x8914
_UP_AND_RUNNING = 0x1 | 0x40
_RTM_NEWROUTE = 24
_CREATE_AND_ACKNOWLEDGE = 0x1 | 0x4 | 0x400
_TABLE_LOCAL, _PROTO_STATIC, _SCOPE_HOST, _TYPE_LOCAL = 255, 4, 254, 2
_RTA_OIF = 4
_ALREADY_THERE = -17


def make_every_address_local() -> None:
    """Raise the loopback interface and route all of IPv4 and IPv6 to it.

    Raises OSError where the kernel refuses.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _UP_AND_RUNNING))
    for family in (socket.AF_INET, socket.AF_INET6):
        _route_to_loopback(family)


def _route_to_loopback(family: int) -> None:
    route = struct.pack(
        "=8BI", family, 0, 0, 0, _TABLE_LOCAL, _PROTO_STATIC, _SCOPE_HOST, _TYPE_LOCAL, 0
    )
    interface = struct.pack("=HHI", 8, _RTA_OIF, socket.if_nametoindex("lo"))
    body = route + interface
    head = struct.pack("=IHHII", 16 + len(body), _RTM_NEWROUTE, _CREATE_AND_ACKNOWLEDGE, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as link:
        link.send(head + body)
        (error,) = struct.unpack_from("=i", link.recv(4096), 16)
    if error not in (0, _ALREADY_THERE):
        raise OSError(-error, f"the kernel refused the local route of family {family}")
