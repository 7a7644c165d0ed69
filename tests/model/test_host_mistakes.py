"""What people write where a host belongs: the sentence, what to do, and what to write instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transire.model.host_mistakes import HostMistake
from transire.model.names import HostPattern
from transire.model.net import parse_cidr
from transire.yamlio import MappingNode, ScalarNode, read


def mistake(written: str) -> HostMistake:
    with pytest.raises(HostMistake) as caught:
        HostPattern.parse(written)
    return caught.value


@pytest.mark.parametrize(
    ("written", "proposal"),
    [
        ("https://api.example.com/v1?x#y", "{host: api.example.com, ports: [443]}"),
        ("http://api.example.com", "{host: api.example.com, ports: [80]}"),
        ("HTTPS://api.example.com:8443", "{host: api.example.com, ports: [8443]}"),
        ("amqp://api.example.com:5671", "{host: api.example.com, ports: [5671]}"),
        ("amqp://api.example.com", ""),
        ("https://*.example.com", '{host: "*.example.com", ports: [443]}'),
        ("https://198.51.100.7/x", "{cidr: 198.51.100.7/32, ports: [443]}"),
        ("https://[2001:db8::1]/x", "{cidr: 2001:db8::1/128, ports: [443]}"),
        ("https://", ""),
        ("https://api.example.com:0", ""),
        ("https://api.example.com:65536", ""),
        ("api.example.com/v1", "api.example.com"),
        ("*.example.com/v1", '"*.example.com"'),
        ("//api.example.com", ""),
        ("api.example.com:8443", "{host: api.example.com, ports: [8443]}"),
        ("api.example.com:0", ""),
        ("198.51.100.1:443", "{cidr: 198.51.100.1/32, ports: [443]}"),
        ("[2001:db8::1]:443", "{cidr: 2001:db8::1/128, ports: [443]}"),
        ("2001:db8::1", "{cidr: 2001:db8::1/128}"),
        ("::ffff:198.51.100.7", "{cidr: 198.51.100.7/32}"),
        ("fe80::1%eth0", ""),
        ("203.0.113.0/24", "{cidr: 203.0.113.0/24}"),
        ("203.0.113.4/32", "{cidr: 203.0.113.4/32}"),
        ("2001:db8::/32", "{cidr: 2001:db8::/32}"),
        ("203.0.113.4/24", ""),
        ("203.0.113.4/0.0.0.0", ""),
        ("203.0.113.0/33", ""),
        ("0.0.0.0/0", ""),
        ("::/0", ""),
        ("{cidr: 203.0.113.4/32}", ""),
        (".data.example.net", ""),
        ("a..example.net", ""),
    ],
)
def test_what_is_proposed_reaches_what_was_written_and_nothing_else(
    written: str, proposal: str
) -> None:
    assert mistake(written).proposal == proposal


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (
            "203.0.113.4/24",
            (
                "'203.0.113.4/24' is an address range, not a host; write {cidr: 203.0.113.4/32} for "
                "the address alone, or {cidr: 203.0.113.0/24} for all of it"
            ),
        ),
        (
            "203.0.113.0/33",
            (
                "'203.0.113.0/33' is an address range, not a host; write {cidr: ADDRESS/LENGTH}, "
                "LENGTH from 1 to 32"
            ),
        ),
        (
            "0.0.0.0/0",
            (
                "'0.0.0.0/0' is an address range, not a host; write the hosts or ranges that are "
                "needed"
            ),
        ),
        (
            ".data.example.net",
            (
                "'.data.example.net' begins with a dot; write data.example.net for that name alone, "
                "*.data.example.net for one label before it or **.data.example.net for any number"
            ),
        ),
        (
            "{cidr: 203.0.113.4/32}",
            "'{cidr: 203.0.113.4/32}' is a map in quotes; write it without quotes",
        ),
        (
            "https://u:secret@api.example.com/x",
            (
                "'https://...@api.example.com/x' is a URL, not a host; write {host: api.example.com, "
                "ports: [443]}"
            ),
        ),
        (
            "amqp://api.example.com",
            (
                "'amqp://api.example.com' is a URL, not a host; write the host alone, and its ports "
                "as {host: NAME, ports: [...]}"
            ),
        ),
        ("//a.example/x", "'//a.example/x' has a path behind the host; write the host alone"),
        (
            "a:b",
            (
                "'a:b' is not a host name; write a host such as api.example.com, or an address as "
                "{cidr: ...}"
            ),
        ),
    ],
)
def test_the_sentence_names_what_is_written_and_what_to_do(written: str, sentence: str) -> None:
    assert str(mistake(written)) == sentence


MARKS = st.text(alphabet="abc01.:/-*[]{}@?# ", min_size=1, max_size=24)
SCHEMES = st.sampled_from(["", "https://", "http://", "ftp://", "//"])
HOSTS = st.sampled_from(["api.example.com", "*.example.com", "198.51.100.7", "2001:db8::1", ""])


@given(scheme=SCHEMES, host=HOSTS, rest=MARKS)
def test_every_proposal_is_a_destination(scheme: str, host: str, rest: str) -> None:
    try:
        HostPattern.parse(scheme + host + rest)
    except ValueError as error:
        proposal = error.proposal if isinstance(error, HostMistake) else ""
    else:
        return
    if not proposal:
        return
    node = read(proposal, "values/teams/a.yaml").root
    if isinstance(node, ScalarNode):
        assert HostPattern.parse(node.text).text in (scheme + host + rest).lower()
        return
    assert isinstance(node, MappingNode)
    assert not node.entries.keys() - {"host", "cidr", "ports"}
    for key, parse in (("host", HostPattern.parse), ("cidr", parse_cidr)):
        if key in node.entries:
            value = node.entries[key].value
            assert isinstance(value, ScalarNode)
            assert parse(value.text)
