"""The script of a probe, against servers that do what each kind of denial does to a client."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support import needs
from support.delivery import denials
from support.delivery.real_registry import certificates
from transire.delivery.probe.objects import script

PROXY = "http://proxy.example:3128"
CHECKED = {"PROBE_NAMES": "refused", "PROBE_SNI": "yes", "PROBE_CANARIES": "up"}
DIRECTLY = [
    "allow|tls|open.example|443|-|rule a",
    "allow|http|open.example|80|-|rule a",
    "allow|tcp|open.example|5432|-|rule a",
    "allow|tls|silent.example|443|-|rule a",
    "allow|tls|refused.example|443|-|rule a",
    "allow|tls|shared.example|443|-|rule a",
    "allow|tls|closed.example|443|-|rule a",
    "allow|tls|unknown.example|443|-|rule a",
    "deny|tls|other.example|443|-|canary",
    "deny|tls|::1|443|-|canary",
    "deny|tls|127.0.0.4|443|-|canary",
    "deny|tls|refused.example|443|-|canary",
    "deny|tls|shared.example|443|-|canary",
    "left|*.cdn.example port 443/TCP|a wildcard is no name",
]
THROUGH = [
    f"allow|tls|open.example|443|{PROXY}|rule p",
    f"allow|tls|squid.example|443|{PROXY}|rule p",
    f"deny|tls|squid.example|443|{PROXY}|canary",
    f"deny|tls|envoy.example|443|{PROXY}|canary",
    f"deny|tls|smokescreen.example|443|{PROXY}|canary",
    f"deny|tls|broken.example|443|{PROXY}|canary",
    f"deny|tls|open.example|443|{PROXY}|canary",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for a probe, where this machine can have a network of its own."""
    if shutil.which("curl") is None:
        pytest.skip(needs.CURL)
    if shutil.which("busybox") is None:
        pytest.skip(needs.BUSYBOX)
    if shutil.which("unshare") is None:
        pytest.skip(needs.UNSHARE)
    words = ["unshare", "--map-root-user", "--net", "--mount", "true"]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip(needs.NETWORK)
    return certificates(tmp_path_factory.mktemp("probe"))


def _run(
    folder: Path, lines: list[str], shell: list[str], **settings: str
) -> tuple[int, list[str]]:
    plan = "".join(f"{each}\n" for each in lines)
    code, printed = denials.run(folder, plan, settings, script(), shell)
    head, planned, *results = printed.splitlines()
    assert (head, planned) == ("TAP version 13", f"1..{len(lines)}")
    return code, results


@pytest.mark.slow("whole runs of the program")
def test_each_denial_is_known_by_what_a_client_sees(folder: Path) -> None:
    """Of a cluster that checks names at the resolver and TLS server names, after its control."""
    assert _run(folder, DIRECTLY, ["sh"], **CHECKED) == (
        1,
        [
            "ok 1 - open.example port 443 is reached (rule a)",
            "ok 2 - open.example port 80 is reached (rule a)",
            "ok 3 - open.example port 5432 is reached (rule a)",
            (
                "not ok 4 - silent.example port 443 is reached (rule a): blocked, or down (no answer, "
                "while others answer)"
            ),
            (
                "not ok 5 - refused.example port 443 is reached (rule a): blocked, the resolver refuses "
                "the name"
            ),
            (
                "not ok 6 - shared.example port 443 is reached (rule a): blocked, the connection ends "
                "at the TLS server name"
            ),
            (
                "ok 7 - closed.example port 443 is reached (rule a) # SKIP cannot judge: the connection "
                "was refused: by a host without such a server, or on the way"
            ),
            (
                "ok 8 - unknown.example port 443 is reached (rule a) # SKIP cannot judge: the name does "
                "not exist"
            ),
            "not ok 9 - other.example port 443 is not reached (canary): open",
            "not ok 10 - ::1 port 443 is not reached (canary): open",
            "ok 11 - 127.0.0.4 port 443 is not reached (canary)",
            "ok 12 - refused.example port 443 is not reached (canary)",
            "ok 13 - shared.example port 443 is not reached (canary)",
            "ok 14 - *.cdn.example port 443/TCP # SKIP not tried: a wildcard is no name",
        ],
    )


@pytest.mark.slow("whole runs of the program")
def test_what_policies_do_not_check_is_no_denial_of_theirs(folder: Path) -> None:
    """The same servers, without names checked, without a control, in the shell of BusyBox."""
    code, results = _run(folder, DIRECTLY, ["busybox", "ash"])
    assert code == 1
    assert results[5] == "ok 6 - shared.example port 443 is reached (rule a)"
    assert results[4] == (
        "ok 5 - refused.example port 443 is reached (rule a) # SKIP cannot judge: the resolver "
        "refuses the name, and no policy does that here"
    )
    assert results[10] == (
        "ok 11 - 127.0.0.4 port 443 is not reached (canary) # SKIP cannot judge: nothing shows "
        "that it is up"
    )
    assert results[12] == "not ok 13 - shared.example port 443 is not reached (canary): open"


def test_a_proxy_denies_by_its_own_answer(folder: Path) -> None:
    """Those of Squid, Envoy and Smokescreen; 502 is a failure, and no denial."""
    assert _run(folder, THROUGH, ["sh"]) == (
        1,
        [
            "ok 1 - open.example port 443 is reached (rule p)",
            (
                "not ok 2 - squid.example port 443 is reached (rule p): blocked, the proxy refuses it "
                "with 403"
            ),
            "ok 3 - squid.example port 443 is not reached (canary)",
            "ok 4 - envoy.example port 443 is not reached (canary)",
            "ok 5 - smokescreen.example port 443 is not reached (canary)",
            (
                "ok 6 - broken.example port 443 is not reached (canary) # SKIP cannot judge: the proxy "
                "could not connect (502)"
            ),
            "not ok 7 - open.example port 443 is not reached (canary): open",
        ],
    )


@pytest.mark.slow("whole runs of the program")
def test_where_nothing_answers_nothing_is_judged(folder: Path) -> None:
    """An outage looks like a denial; a control that ran before does not change that."""
    lines = ["allow|tls|silent.example|443|-|rule a", "deny|tls|127.0.0.4|443|-|canary"]
    assert _run(folder, lines, ["sh"], PROBE_CANARIES="up") == (
        3,
        [
            (
                "ok 1 - silent.example port 443 is reached (rule a) # SKIP cannot judge: nothing that "
                "is allowed answers"
            ),
            (
                "ok 2 - 127.0.0.4 port 443 is not reached (canary) # SKIP cannot judge: nothing that "
                "is allowed answers"
            ),
        ],
    )


@pytest.mark.slow("whole runs of the program")
def test_what_holds_ends_with_0(folder: Path) -> None:
    """Everything judged, and as it should be."""
    lines = ["allow|tls|open.example|443|-|rule a", "deny|tls|127.0.0.4|443|-|canary"]
    code, _ = _run(folder, lines, ["sh"], PROBE_CANARIES="up")
    assert code == 0
    code, _ = _run(folder, lines, ["sh"])
    assert code == 3


@pytest.mark.slow("whole runs of the program")
def test_a_policy_that_comes_late_is_waited_for(folder: Path) -> None:
    """A name that is refused is tried until the deadline, and judged then."""
    lines = ["allow|tls|refused.example|443|-|rule a", "allow|tls|open.example|443|-|rule a"]
    code, results = _run(folder, lines, ["sh"], PROBE_NAMES="refused", PROBE_DEADLINE="2")
    assert code == 1
    assert results[0].startswith("not ok 1 - refused.example")
