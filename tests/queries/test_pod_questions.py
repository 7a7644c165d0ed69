from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from transire.k8s.manifests import ObjectRef
from transire.k8s.unmodelled import Unmodelled
from transire.model.net import Address, Network
from transire.queries.directory import number_of
from transire.queries.pod_questions import Regions, unclear, unjudgeable
from transire.queries.query import Deciding, Decision, Verdict

NETWORKS = st.one_of(
    st.ip_addresses(v=4, network="8.0.0.0/6").map(lambda ip: ip_network(f"{ip}/12", strict=False)),
    st.ip_addresses(v=6, network="2001:db8::/40").map(
        lambda ip: ip_network(f"{ip}/44", strict=False)
    ),
)
ADDRESSES = st.one_of(
    st.ip_addresses(v=4, network="8.0.0.0/6"), st.ip_addresses(v=6, network="2001:db8::/40")
)


@given(st.lists(NETWORKS), ADDRESSES, ADDRESSES)
def test_addresses_of_one_region_are_alike_to_every_range(
    networks: list[Network], one: Address, other: Address
) -> None:
    regions = Regions.of(networks)

    if regions.region(number_of(one)) == regions.region(number_of(other)):
        assert [one in each for each in networks] == [other in each for each in networks]


def test_samples_are_public_and_one_for_each_public_region() -> None:
    samples = Regions.of([ip_network("8.8.8.0/24"), ip_network("10.0.0.0/8")]).samples

    assert samples is not None
    assert {ip_address("8.8.8.0"), ip_address("8.8.9.0"), ip_address("11.0.0.0")} <= {*samples}
    assert all(each.is_global for each in samples)


def test_too_many_regions_have_no_samples() -> None:
    networks = [ip_network((number << 8, 32)) for number in range(5000)]

    assert Regions.of(networks).samples is None


def test_a_doubt_names_its_object_and_a_question_has_none() -> None:
    ref = ObjectRef(kind="NetworkPolicy", namespace="shop", name="p")

    assert unjudgeable(Unmodelled(object=ref, key="/spec", why="it is not modelled")) == Decision(
        verdict=Verdict.UNJUDGEABLE,
        reason="NetworkPolicy shop/p: /spec: it is not modelled",
        decided_by=Deciding(object=ref, rule="/spec"),
    )
    assert unclear("nobody knows") == Decision(verdict=Verdict.UNJUDGEABLE, reason="nobody knows")
