"""`probe`: what tries a target where it runs, and what that printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from support.policy_repository import copy_example, edit, run

DIGEST = "b5b6c2b8e2f0c6b0d1f9d4c0a4dfb2d9a7a6e9c8f0b3d6e5c1a2f4b8d7e6c5a4"
SETTINGS = f"""probe:
  image: registry.example.com/tools/curl@sha256:{DIGEST}
  canaries: [{{host: example.com}}, {{address: 2001:db8::1, port: 8443}}]
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The example, with probes."""
    copy_example(tmp_path)
    edit(tmp_path, "values/platform.yaml", "codeowners:", f"{SETTINGS}codeowners:")
    return tmp_path


def _objects(folder: Path, *words: str) -> list[dict[str, Any]]:
    done = run(folder, "probe", *words)
    assert done.code == 0, done.err
    return list(yaml.safe_load_all(done.out))


def test_a_pod_for_each_selector_tries_what_its_rules_list(repository: Path) -> None:
    """And the canaries; what has no name or no TCP is listed as left out."""
    done = run(repository, "probe", "--target", "ledger.prod-eu")
    held, *_ = yaml.safe_load_all(done.out)
    assert held["data"]["plan-1"] == (
        "allow|tls|rates.example.org|443|-|rule exchange-rates\n"
        "allow|tls|xn--bcher-kva.example|443|-|rule exchange-rates\n"
        "deny|tls|2001:db8::1|8443|-|canary\n"
        "deny|tls|example.com|443|-|canary\n"
        "left|time.example.com port 123/UDP of rule time|only TCP shows whether something is "
        "reached\n"
    )
    assert done.err == (
        "not tried: time.example.com port 123/UDP of rule time: only TCP shows whether something "
        "is reached\n"
    )


def test_each_selector_of_a_rule_has_a_pod(repository: Path) -> None:
    """With as few labels as it takes, and one pod has none."""
    held, *jobs = _objects(repository, "--target", "storefront.prod-us")
    assert [job["spec"]["template"]["metadata"]["labels"] for job in jobs] == [{}, {"app": "web"}]
    assert [_plan(job) for job in jobs] == ["/probe/plan-1", "/probe/plan-2"]
    assert "checkout-page" not in held["data"]["plan-1"]
    assert "checkout-page" in held["data"]["plan-2"]


def _plan(job: dict[str, Any]) -> str:
    found: str = job["spec"]["template"]["spec"]["containers"][0]["command"][-1]
    return found


def _environment(job: dict[str, Any]) -> dict[str, str]:
    container = job["spec"]["template"]["spec"]["containers"][0]
    return {each["name"]: each["value"] for each in container["env"]}


def test_pods_are_restricted_and_never_ready(repository: Path) -> None:
    """So that every namespace takes them, and no Service sends to them."""
    _, job, *_ = _objects(repository, "--target", "ledger.prod-eu")
    pod = job["spec"]["template"]["spec"]
    assert pod["readinessGates"] == [{"conditionType": "egress-probe.transire/never"}]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not pod["automountServiceAccountToken"]
    assert pod["containers"][0]["image"].endswith(DIGEST)
    assert job["spec"]["backoffLimit"] == 0


@pytest.mark.parametrize("form", ["argocd", "helm-test"])
def test_in_a_hook_the_control_comes_first(repository: Path, form: str) -> None:
    """The probe takes the canaries for up only where something has just reached them."""
    _, alone, *_ = _objects(repository, "--target", "ledger.prod-eu", "--form", form)
    assert "PROBE_CANARIES" not in _environment(alone)
    edit(repository, "values/platform.yaml", "codeowners:", "  control: canaries\ncodeowners:")
    key = {"argocd": "argocd.argoproj.io/sync-wave", "helm-test": "helm.sh/hook-weight"}[form]
    found = _objects(repository, "--target", "ledger.prod-eu", "--form", form)
    assert [
        (each["kind"], each["metadata"]["namespace"], each["metadata"]["annotations"][key])
        for each in found
    ] == [
        ("ConfigMap", "canaries", "0"),
        ("Job", "canaries", "1"),
        ("ConfigMap", "ledger", "2"),
        ("Job", "ledger", "3"),
        ("Job", "ledger", "3"),
    ]
    assert found[0]["data"]["plan-1"] == (
        "allow|tls|2001:db8::1|8443|-|canary\nallow|tls|example.com|443|-|canary\n"
    )
    assert _environment(found[3]) == {
        "PROBE_DEADLINE": "60",
        "PROBE_SNI": "yes",
        "PROBE_CANARIES": "up",
    }
    assert _environment(found[1]) == {"PROBE_DEADLINE": "60"}


def test_a_job_by_itself_takes_no_canary_for_up(repository: Path) -> None:
    """Nothing orders it after its control."""
    edit(repository, "values/platform.yaml", "codeowners:", "  control: canaries\ncodeowners:")
    *_, job = _objects(repository, "--target", "ledger.prod-eu")
    assert "PROBE_CANARIES" not in _environment(job)


def test_a_name_is_tried_with_what_the_values_make_of_it(repository: Path) -> None:
    """A name of a wildcard is allowed; one that no rule lists is denied, and so is another port."""
    held, *_ = _objects(
        repository,
        *("--target", "storefront.prod-us"),
        *("--host", "a.search.example.com", "--host", "b.example.net", "--host", "192.0.2.7:25"),
        *("--host", "a.search.example.com:8443"),
    )
    lines = held["data"]["plan-1"].splitlines()
    assert "allow|tls|a.search.example.com|443|-|rule search" in lines
    assert "deny|tls|b.example.net|443|-|no rule lists it" in lines
    assert "deny|tcp|192.0.2.7|25|-|no rule lists it" in lines
    assert "deny|tls|a.search.example.com|8443|-|no rule lists it" in lines


def test_hosts_of_a_proxy_are_tried_through_it(repository: Path) -> None:
    """Where its URL is given; without, they are left out by name."""
    words = ("--target", "ledger.staging")
    held, *_ = _objects(repository, *words, "--proxy", "http://squid.egress-proxy.svc:3128")
    lines = "".join(held["data"].values()).splitlines()
    proxy = "http://squid.egress-proxy.svc:3128"
    assert f"allow|tls|rates.example.org|443|{proxy}|rule exchange-rates" in lines
    assert f"deny|tls|example.com|443|{proxy}|canary" in lines
    assert "deny|tls|example.com|443|-|canary" in lines
    assert (
        "not tried: rates.example.org port 443/TCP of rule exchange-rates: the host is delegated "
        "to a proxy whose address is not known; give --proxy\n"
    ) in run(repository, "probe", *words).err


def test_a_namespace_in_audit_has_no_canaries(repository: Path) -> None:
    """Nothing is denied there."""
    held, *_ = _objects(repository, "--target", "payments-staging.staging")
    assert "deny|" not in str(held["data"])
    assert (
        "left|canary example.com:443|the namespace is in audit, which denies nothing"
        in held["data"]["plan-1"].splitlines()
    )


def test_tests_for_netassert_tell_the_truth_or_are_left_out(repository: Path) -> None:
    """What is decided by a TLS server name, after the connection, is left out."""
    done = run(repository, "probe", "--target", "ledger.prod-eu", "--netassert", "deployment/led")
    (only,) = yaml.safe_load(done.out)
    assert only == {
        "name": "ledger/led does not reach 2001:db8::1:8443",
        "type": "k8s",
        "protocol": "tcp",
        "targetPort": 8443,
        "timeoutSeconds": 15,
        "attempts": 3,
        "exitCode": 1,
        "src": {"k8sResource": {"kind": "deployment", "name": "led", "namespace": "ledger"}},
        "dst": {"host": {"name": "2001:db8::1"}},
    }
    assert (
        "not tried: example.com port 443 (canary): its TLS server name decides, after a connection "
        "by TCP has come about\n"
    ) in done.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give --target to render a probe, or --results to judge one"),
        (
            ["--target", "ledger.prod"],
            "there is no target 'ledger.prod'; the targets are analytics.prod-onprem, ",
        ),
        (
            ["--target", "ledger.prod-eu", "--host", "*.example.com"],
            "'*.example.com' has a star; write one name, such as api.example.com:443",
        ),
        (
            ["--target", "ledger.prod-eu", "--host", "a b"],
            "'a b' is neither a host nor an address: ",
        ),
        (
            ["--target", "ledger.prod-eu", "--host", "example.com:70000"],
            "'example.com:70000' has no port; ports end at 65535",
        ),
        (
            ["--target", "ledger.prod-eu", "--proxy", "squid:3128"],
            "'squid:3128' is no URL of a proxy; write http://proxy.example.com:3128",
        ),
        (
            ["--target", "ledger.prod-eu", "--netassert", "job/x"],
            (
                "'job/x' is no workload that netassert takes; write one of deployment/NAME, "
                "statefulset/NAME, daemonset/NAME, pod/NAME"
            ),
        ),
        (
            ["--results", "values/platform.yaml"],
            (
                "values/platform.yaml is not what a probe printed: no line is 'TAP version 13'; give "
                "the output of kubectl logs job/egress-probe"
            ),
        ),
    ],
)
def test_what_is_no_argument_is_refused(repository: Path, words: list[str], message: str) -> None:
    """With what to write instead."""
    done = run(repository, "probe", *words)
    assert done.code == 2
    assert message in done.err


def test_a_platform_without_probes_learns_how_to_have_them(tmp_path: Path) -> None:
    """And by which file."""
    copy_example(tmp_path)
    done = run(tmp_path, "probe", "--target", "ledger.prod-eu")
    assert done.code == 2
    assert (
        "values/platform.yaml has no probes; write probe: {image: ..., canaries: "
        "[{host: example.com}]} there, with an image by its digest"
    ) in done.err


def test_a_probe_that_could_not_fail_is_refused(repository: Path) -> None:
    """Where every canary is allowed, it would not show whether anything is denied."""
    edit(repository, "values/platform.yaml", "{host: example.com}, ", "{host: time.example.com}, ")
    edit(repository, "values/platform.yaml", ", {address: 2001:db8::1, port: 8443}", "")
    edit(repository, "values/platform.yaml", "ports: [123/UDP]", "ports: [443]")
    done = run(repository, "probe", "--target", "ledger.prod-eu")
    assert done.code == 2
    assert (
        "the rules of ledger.prod-eu allow every canary of values/platform.yaml, so that a probe "
        "would not show whether anything is denied; name another canary"
    ) in done.err


CONTROL = """TAP version 13
1..1
ok 1 - example.com port 443 is reached (canary)
"""
PROBE = """some line of the container runtime
TAP version 13
1..3
ok 1 - rates.example.org port 443 is reached (rule exchange-rates)
ok 2 - example.com port 443 is not reached (canary) # SKIP cannot judge: nothing shows that it is up
ok 3 - *.cdn.example port 443/TCP # SKIP not tried: a wildcard is no name
"""


def test_a_control_shows_that_silence_is_a_denial(tmp_path: Path) -> None:
    """By itself the probe was not judged whole, and with the control it holds."""
    (tmp_path / "probe.tap").write_text(PROBE)
    (tmp_path / "control.tap").write_text(CONTROL)
    alone = run(tmp_path, "probe", "--results", "probe.tap")
    assert (alone.code, alone.out) == (
        3,
        (
            "probe.tap: 1 hold, 0 fail, 1 cannot be judged, 1 not tried\n"
            "  cannot judge: example.com port 443 is not reached (canary): nothing shows that it is up\n"
            "  not tried: *.cdn.example port 443/TCP: a wildcard is no name\n"
        ),
    )
    both = run(tmp_path, "probe", "--results", "probe.tap", "--results", "control.tap")
    assert (both.code, both.out) == (
        0,
        (
            "probe.tap: 2 hold, 0 fail, 0 cannot be judged, 1 not tried\n"
            "  not tried: *.cdn.example port 443/TCP: a wildcard is no name\n"
            "control.tap: 1 hold, 0 fail, 0 cannot be judged, 0 not tried\n"
        ),
    )


def test_a_control_that_is_blocked_shows_nothing(tmp_path: Path) -> None:
    """The canary is down, or the control is governed."""
    (tmp_path / "probe.tap").write_text(PROBE)
    (tmp_path / "control.tap").write_text(
        CONTROL.replace("(canary)", "(canary) # SKIP cannot judge: nothing that is allowed answers")
    )
    done = run(tmp_path, "probe", "--results", "probe.tap", "--results", "control.tap")
    assert done.code == 3
    assert "probe.tap: 1 hold, 0 fail, 1 cannot be judged, 1 not tried\n" in done.out


def test_an_output_that_was_cut_short_is_not_whole(tmp_path: Path) -> None:
    """Lines that its plan announces are missing, as of a Job that reached its deadline."""
    (tmp_path / "probe.tap").write_text("\n".join(PROBE.splitlines()[:4]) + "\n")
    done = run(tmp_path, "probe", "--results", "probe.tap")
    assert (done.code, done.out) == (
        3,
        (
            "probe.tap: 1 hold, 0 fail, 0 cannot be judged, 0 not tried\n"
            "  2 lines were not printed: the probe was cut short\n"
        ),
    )
    tap = run(tmp_path, "probe", "--results", "probe.tap", "--format", "tap").out
    assert tap.splitlines()[-2:] == [
        "not ok 2 - line 2 was not printed",
        "not ok 3 - line 3 was not printed",
    ]


def test_outputs_are_tap_and_junit(tmp_path: Path) -> None:
    """A failure is one, what cannot be judged an error, what is not tried is skipped."""
    (tmp_path / "probe.tap").write_text(
        PROBE.replace("ok 1 - rates", "not ok 1 - rates").replace(
            "(rule exchange-rates)", "(rule exchange-rates): blocked, the resolver refuses the name"
        )
    )
    done = run(tmp_path, "probe", "--results", "probe.tap", "--format", "junit")
    assert done.code == 1
    (suite,) = ET.fromstring(done.out)  # noqa: S314 - our own
    assert suite.attrib == {
        "name": "probe.tap",
        "tests": "3",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    assert [[part.tag for part in case] for case in suite] == [["failure"], ["error"], ["skipped"]]
    tap = run(tmp_path, "probe", "--results", "probe.tap", "--format", "tap").out
    assert tap == (
        "TAP version 13\n1..3\n# probe.tap\n"
        "not ok 1 - rates.example.org port 443 is reached (rule exchange-rates): blocked, the "
        "resolver refuses the name\n"
        "ok 2 - example.com port 443 is not reached (canary) # SKIP cannot judge: nothing shows "
        "that it is up\n"
        "ok 3 - *.cdn.example port 443/TCP # SKIP not tried: a wildcard is no name\n"
    )
