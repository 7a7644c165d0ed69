"""Somebody tries something that the admission policy judges, and what comes of it."""

from __future__ import annotations

from typing import Any

from support.e2e.client import Answer, Client, Ref
from support.e2e.example import PLATFORM_USER, ExampleCluster
from support.e2e.wait import until

NAME = "egress-baseline"
PASSES, REFUSED = "passes", "refused"
SENTENCE = (
    f"ValidatingAdmissionPolicy '{NAME}' with binding '{NAME}' denied request: "
    "egress policies of enrolled namespaces are published from Git; change the values there"
)
_BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
_PROBE = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "probe", "namespace": "batch"},
    "spec": {"podSelector": {}},
}


def outcome(answer: Answer) -> str:
    """Whether it passed, was refused by our policy, or else the code and the sentence."""
    if answer.ok:
        return PASSES
    if answer.code == 403 and answer.message.endswith(SENTENCE):
        return REFUSED
    return f"{answer.code}: {answer.message}"


def switch_on(admin: Client, team: Client, cluster: ExampleCluster) -> None:
    """Create the cluster's policy and its binding, and wait until they act."""
    for body in cluster.rendered:
        if body["apiVersion"].startswith("admissionregistration.k8s.io/"):
            admin.apply(body, manager="publisher").object()
    _wait(admin, team, REFUSED)


def break_glass(admin: Client, team: Client) -> None:
    """Delete the binding, as the documentation has it, and wait until anybody may write."""
    assert admin.raw("DELETE", f"{_BINDINGS}/{NAME}").ok
    _wait(admin, team, PASSES)


def _wait(admin: Client, team: Client, wanted: str) -> None:
    """The API server takes a policy up about a second after it is stored."""
    assert team.user

    def judged() -> bool:
        answer = team.create(_PROBE)
        if answer.ok:
            publisher = admin.as_user(PLATFORM_USER)  # whom the policy lets delete in any case
            assert publisher.delete(admin.ref(_PROBE)).ok
        return outcome(answer) == wanted

    until(judged, f"a team's policy is never {wanted}")


def present(publisher: Client, body: dict[str, Any]) -> Ref:
    """Make sure that the object is there, as the publisher has it."""
    ref = publisher.ref(body)
    if publisher.get(ref).code == 404:
        publisher.create(body).object()
    return ref


def absent(publisher: Client, body: dict[str, Any]) -> Ref:
    """Make sure that the object is not there."""
    ref = publisher.ref(body)
    answer = publisher.delete(ref)
    assert answer.ok or answer.code == 404, answer.message
    return ref
