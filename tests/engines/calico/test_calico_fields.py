import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from transire.engines.calico.objects.domains import Domain, domain_fault, host_set
from transire.engines.calico.objects.fields import (
    Icmp,
    Ports,
    port_item,
    protocol_number,
    read_ports,
)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("TCP", 6), ("UDP", 17), ("SCTP", 132), ("ICMP", 1), ("ICMPv6", 58), ("UDPLite", 136),
        (6, 6), ("6", 6), ("006", 6), (0, None), ("0", None), (255, 255), (256, None), (-1, None),
        ("256", None), ("tcp", None), ("any", None), ("", None), ("+6", None), ("٦", None),
    ],
)  # fmt: skip
def test_a_protocol_is_a_name_or_a_number(written: int | str, number: int | None) -> None:
    assert protocol_number(written) == number


@pytest.mark.parametrize(
    ("written", "item"),
    [
        (443, (443, 443)), ("443", (443, 443)), ("0443", (443, 443)), ("80:90", (80, 90)),
        ("80:80", (80, 80)), ("http", "http"), ("a-1", "a-1"), (0, None), (65536, None),
        ("0", None), ("0:5", None), ("90:80", None), ("80:65536", None), ("80-90", None),
        ("HTTP", None), ("a--b", None), ("-a", None), ("abcdefghijklmnop", None), ("", None),
        ("1:2:3", None), ("99999999999999999999", None), ("1:99999999999999999999", None),
    ],
)  # fmt: skip
def test_a_port_is_a_number_a_range_or_a_name(
    written: int | str, item: tuple[int, int] | str | None
) -> None:
    assert port_item(written) == item


def test_a_list_of_ports_keeps_ranges_and_names_apart() -> None:
    assert read_ports([]) is None
    assert read_ports([443, "8000:8010", "http"]) == Ports(
        ranges=((443, 443), (8000, 8010)), names=frozenset({"http"})
    )


@pytest.mark.parametrize(
    ("icmp", "number", "answer"),
    [
        (Icmp(type=8), 8, True),
        (Icmp(type=8), 13, False),
        (Icmp(type=3, code=1), 3, None),
        (Icmp(type=3, code=1), 4, False),
        (Icmp(type=8, code=0), 8, True),
        (Icmp(type=8, code=1), 8, False),
        (Icmp(type=128, code=0), 128, True),
    ],
)
def test_an_icmp_code_is_not_known_from_the_type(
    icmp: Icmp, number: int, answer: bool | None
) -> None:
    assert icmp.holds(number) == answer


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("example.com", ""),
        ("*.example.com", ""),
        ("www.*.com", ""),
        ("localhost", ""),
        ("_dmarc.example.com", ""),
        ("*.*.com", "has more than one *"),
        ("w*.com", "has * in part of a label, and it may only be a whole one"),
        ("**.com", "has * in part of a label, and it may only be a whole one"),
        ("example.*", "has * as its last label"),
        ("*", "has * as its last label"),
        ("", "has the label '', which is not one of a domain name"),
        ("a..b", "has the label '', which is not one of a domain name"),
        ("-a.com", "has the label '-a', which is not one of a domain name"),
        ("a b.com", "has the label 'a b', which is not one of a domain name"),
    ],
)
def test_a_domain_is_a_name_with_at_most_one_star(text: str, fault: str) -> None:
    assert domain_fault(text) == fault


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("example.com", "example.com", True),
        ("example.com", "www.example.com", False),
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "xexample.com", False),
        ("*.example.com", ".example.com", False),
        ("www.*.com", "www.a.com", True),
        ("www.*.com", "www.a.b.com", True),
        ("www.*.com", "www.com", False),
        ("a.*.a", "a.a", False),
        ("*.example.com", "", False),
    ],
)
def test_a_star_is_one_or_more_labels(pattern: str, name: str, matches: bool) -> None:
    assert Domain(pattern).matches(name) == matches


CALICO_LABELS = st.sampled_from(("com", "a", "aa", "x", "ax"))
DOMAINS = st.lists(CALICO_LABELS, min_size=1, max_size=4).flatmap(
    lambda labels: st.sampled_from(
        [
            ".".join(labels),
            *(".".join([*labels[:at], "*", *labels[at:]]) for at in range(len(labels))),
        ]
    )
)


@given(domain=DOMAINS, name=st.lists(CALICO_LABELS, min_size=1, max_size=5).map(".".join))
@example(domain="*.a", name="aa")
@example(domain="a.*.a", name="a.a")
def test_a_domain_matches_the_names_of_its_set(domain: str, name: str) -> None:
    assert Domain(domain).matches(name) == (name in host_set([Domain(domain)]))
