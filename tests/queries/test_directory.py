from ipaddress import ip_address

import pytest

from transire.queries.cluster_state import ClusterState, Node, Pod
from transire.queries.directory import COREDNS, Directory, NotFoundError, Place, number_of
from transire.queries.query import Connection, Source

WEB = Pod(namespace="shop", name="web", ips=(ip_address("10.0.0.1"), ip_address("fd00::1")))
AGENT = Pod(namespace="shop", name="agent", ips=(ip_address("192.168.0.1"),), host_network=True)
BARE = Pod(namespace="shop", name="bare")
WORKER = Node(name="worker", ip=ip_address("192.168.0.1"))
API = Node(name="api", ip=ip_address("192.168.0.3"), reserved=frozenset({"kube-apiserver"}))
DIRECTORY = Directory(
    ClusterState(pods=(WEB, AGENT, BARE), nodes=(WORKER, API), dns_server="shop/web")
)
NOBODY = Directory(ClusterState())


def connect(**given: object) -> Connection:
    return Connection(port=443, protocol="TCP", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("what", "place"),
    [
        (connect(ip=ip_address("fd00::1")), Place(ip=ip_address("fd00::1"), pod=WEB)),
        (connect(ip=ip_address("192.0.2.1")), Place(ip=ip_address("192.0.2.1"))),
        (connect(ip=WORKER.ip), Place(ip=WORKER.ip, node=WORKER)),
        (connect(pod="shop/web"), Place(ip=ip_address("10.0.0.1"), pod=WEB)),
        (
            connect(pod="shop/web", ip=ip_address("fd00::1")),
            Place(ip=ip_address("fd00::1"), pod=WEB),
        ),
        (connect(pod="shop/agent"), Place(ip=WORKER.ip, node=WORKER)),
        (connect(pod="shop/bare"), Place(pod=BARE)),
        (connect(node="worker"), Place(ip=WORKER.ip, node=WORKER)),
        (connect(host="api.example.com"), Place()),
        (
            connect(peer_namespace="bank", peer_labels={"app": "db"}),
            Place(pod=Pod(namespace="bank", name="", labels={"app": "db"}), described=True),
        ),
        (
            connect(ip=ip_address("192.0.2.1"), peer_reserved=frozenset({"host"})),
            Place(ip=ip_address("192.0.2.1"), reserved=frozenset({"host"})),
        ),
    ],
)
def test_a_destination_is_found(what: Connection, place: Place) -> None:
    assert DIRECTORY.destination(what) == place


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (connect(pod="shop/nobody"), "the cluster has no pod shop/nobody"),
        (connect(node="nowhere"), "the cluster has no node nowhere"),
        (
            connect(pod="shop/web", ip=ip_address("10.0.0.9")),
            "the pod shop/web does not have the address 10.0.0.9",
        ),
        (
            connect(node="worker", ip=ip_address("10.0.0.9")),
            "the node worker does not have the address 10.0.0.9",
        ),
    ],
)
def test_what_the_cluster_does_not_have_is_named(what: Connection, message: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        DIRECTORY.destination(what)

    assert str(caught.value) == message


def test_a_source_is_looked_up_where_the_cluster_lists_pods() -> None:
    assert DIRECTORY.source(Source(namespace="shop", pod="web")) is WEB
    assert DIRECTORY.source(Source(namespace="shop")) is None
    assert NOBODY.source(Source(namespace="shop", pod="web")) is None
    with pytest.raises(NotFoundError) as caught:
        DIRECTORY.source(Source(namespace="bank", pod="web"))

    assert str(caught.value) == "the cluster has no pod bank/web"


def test_a_resolver_is_a_pod_an_address_or_what_every_cluster_has() -> None:
    assert DIRECTORY.resolver("") == Place(ip=WEB.ips[0], pod=WEB)
    assert DIRECTORY.resolver("192.168.0.1") == Place(ip=WORKER.ip, node=WORKER)
    assert NOBODY.resolver("") == Place(pod=COREDNS, assumed=True)
    with pytest.raises(NotFoundError) as caught:
        DIRECTORY.resolver("kube-system/coredns")

    assert str(caught.value) == (
        "the cluster has no pod kube-system/coredns, and none with its labels"
    )


def test_a_resolver_is_found_by_its_labels_since_real_pods_have_hashed_names() -> None:
    labels = {"k8s-app": "kube-dns", "pod-template-hash": "7d8"}
    other = Pod(namespace="shop", name="coredns-1", labels=labels)
    hashed = Pod(namespace="kube-system", name="coredns-7d8-x2", labels=labels)
    some = ClusterState(pods=(WEB, other, hashed))

    assert Directory(some).resolver("") == Place(pod=hashed)
    assert Directory(ClusterState(pods=(WEB,), partial=True)).resolver("").assumed


def test_a_source_is_the_host_s_where_all_pods_like_it_are() -> None:
    one = Pod(namespace="shop", name="a", labels={"app": "agent"}, host_network=True)
    other = Pod(namespace="shop", name="b", labels={"app": "agent"})
    asked = Source(namespace="shop", labels={"app": "agent"})

    assert Directory(ClusterState(pods=(WEB, one))).source(asked) is one
    assert Directory(ClusterState(pods=(one, other))).source(asked) is None
    assert Directory(ClusterState(pods=(one,))).source(Source(namespace="shop")) is None


def test_the_api_server_is_a_node_that_says_so() -> None:
    assert DIRECTORY.serves_api(DIRECTORY.at(API.ip))
    assert not DIRECTORY.serves_api(DIRECTORY.at(WORKER.ip))
    assert DIRECTORY.serves_api(Place(reserved=frozenset({"kube-apiserver"})))


def test_addresses_of_both_families_have_numbers_of_their_own() -> None:
    numbers = {number_of(ip_address(text)) for text in ("0.0.0.1", "::1", "::2", "0.0.0.2")}

    assert len(numbers) == 4
