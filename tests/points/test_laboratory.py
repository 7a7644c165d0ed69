from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.lab import (
    ENVOY,
    SQUID,
    Lab,
    Plain,
    Program,
    Raw,
    Request,
    StartError,
    Tunnel,
    laboratory,
)
from support.paths import ROOT

_SQUID = """\
http_port 3128
acl ports port 80 443
acl hosts dstdomain -n api.one.test
http_access allow ports hosts
http_access deny all
cache deny all
hosts_file none
pid_filename none
pinger_enable off
access_log none
cache_log @DIR@/cache.log
coredump_dir @DIR@
"""
_ENVOY = """\
static_resources:
  listeners:
  - address: {socket_address: {address: 127.0.0.1, port_value: 3128}}
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: http
          http_protocol_options: {accept_http_10: true}
          upgrade_configs: [{upgrade_type: CONNECT}]
          route_config:
            virtual_hosts:
            - name: api
              domains: [api.one.test, "api.one.test:443"]
              routes:
              - match: {connect_matcher: {}}
                route: {cluster: names, upgrade_configs: [{upgrade_type: CONNECT, connect_config: {}}]}
              - match: {prefix: /}
                route: {cluster: names}
          http_filters:
          - name: names
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig
              dns_cache_config: &names {name: names, dns_lookup_family: V4_ONLY}
          - name: router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
  clusters:
  - name: names
    lb_policy: CLUSTER_PROVIDED
    cluster_type:
      name: names
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig
        dns_cache_config: *names
"""
_CONFIGURATIONS = {SQUID: {"squid.conf": _SQUID}, ENVOY: {"envoy.yaml": _ENVOY}}
_REASONS = {SQUID: "(13): unrecognized: 'not:'", ENVOY: "yaml-cpp: error at line 37, column 1"}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with laboratory() as made:
        yield made


@pytest.mark.parametrize("program", _CONFIGURATIONS, ids=lambda program: str(program.name))
def test_an_answer_is_what_the_origin_saw(lab: Lab, program: Program) -> None:
    requests: list[Request] = [
        Tunnel(3128, "api.one.test:443"),
        Tunnel(3128, "api.one.test:443", inside="text"),
        Tunnel(3128, "other.one.test:443"),
        Plain(3128, "http://api.one.test/v1", method="HEAD"),
        Plain(3128, "http://other.one.test/v1"),
        Raw(3128, "GET http://api.one.test/raw HTTP/1.0\r\nHost: api.one.test\r\n\r\n"),
        Raw(3128, "nothing\r\n\r\n"),
    ]

    with lab.running(program, _CONFIGURATIONS[program], ready=[3128]):
        answers = lab.send(requests)

    assert [answer.places for answer in answers] == [
        (("api.one.test", 443),),
        (("api.one.test", 443),),
        (),
        (("api.one.test", 80),),
        (),
        (("api.one.test", 80),),
        (),
    ]
    lines = [answer.reached[-1].line for answer in answers if answer.reached]
    assert [lines[0], *lines[2:]] == ["GET / HTTP/1.1", "HEAD /v1 HTTP/1.1", "GET /raw HTTP/1.1"]
    assert lines[1].endswith(" hello")
    assert [answer.problem for answer in answers] == [""] * len(answers)
    assert lab.unclaimed() == ()
    assert "other.one.test" not in lab.questions()


@pytest.mark.parametrize("program", _CONFIGURATIONS, ids=lambda program: str(program.name))
def test_a_program_that_does_not_start_gives_its_reason(lab: Lab, program: Program) -> None:
    files = {name: f"{text}not: [what\n" for name, text in _CONFIGURATIONS[program].items()}

    checked = lab.run(program, files)
    with pytest.raises(StartError) as failed, lab.running(program, files, ready=[3128]):
        pass

    assert checked.code == 1
    assert _REASONS[program] in str(failed.value)
    assert lab.run(program, _CONFIGURATIONS[program]).code == 0


_KILLED = """
import os, signal
from support.lab import SQUID, laboratory
with laboratory() as lab, lab.running(SQUID, {"squid.conf": SQUID_CONF}, ready=[3128]):
    print(*os.listdir(os.environ["TMPDIR"]), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow("real programs in a network of their own")
def test_nothing_is_left_when_the_caller_is_killed(tmp_path: Path) -> None:
    SQUID.executable()
    program = _KILLED.replace("SQUID_CONF", repr(_SQUID))

    killed = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "tests", env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False, text=True, capture_output=True,
    )  # fmt: skip
    left = [path.name for path in tmp_path.iterdir()]
    for _ in range(3_000):
        if not left:
            break
        time.sleep(0.02)
        left = [path.name for path in tmp_path.iterdir()]

    assert killed.returncode == -signal.SIGKILL
    assert killed.stdout.startswith("egress-lab-")
    assert left == []
