"""Ports on which TLS starts late, in one table."""

from __future__ import annotations

import pytest

from transire.model.late_tls import LATE_TLS, late_tls, named
from transire.model.net import PortRange


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        (["25", "587", "143", "5432", "3306"], (25, 143, 587, 3306, 5432)),
        (["443", "993", "465", "636", "8443"], ()),
        (["5000-6000"], (5222, 5269, 5432)),
        (["25/UDP", "25/SCTP"], ()),
        (["25", "20-30"], (21, 25)),
    ],
)
def test_they_are_found_among_ports(ports: list[str], expected: tuple[int, ...]) -> None:
    assert late_tls(map(PortRange.parse, ports)) == expected


def test_a_port_is_shown_with_what_is_spoken_there() -> None:
    assert named(5432) == "5432/TCP (PostgreSQL)"


def test_the_table_is_sorted_and_holds_no_port_where_tls_comes_first() -> None:
    assert list(LATE_TLS) == sorted(LATE_TLS)
    assert not {443, 465, 563, 636, 853, 989, 990, 993, 995, 5061, 5671, 6697, 8443} & set(LATE_TLS)
