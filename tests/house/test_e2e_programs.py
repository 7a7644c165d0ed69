"""Where the API server of the end-to-end tests comes from, and why it may not be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.e2e.programs import MODULE, RELEASE, NoPrograms, programs


def test_a_folder_of_envtest_is_used_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("etcd", "kube-apiserver"):
        (tmp_path / name).touch()
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))

    found = programs()

    assert found.etcd == (str(tmp_path / "etcd"),)
    assert found.apiserver == (str(tmp_path / "kube-apiserver"),)
    assert found.controllers is None


def test_a_controller_manager_beside_them_is_used_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("etcd", "kube-apiserver", "kube-controller-manager"):
        (tmp_path / name).touch()
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))

    controllers = programs().controllers

    assert controllers is not None
    assert controllers[0] == str(tmp_path / "kube-controller-manager")
    assert "--controllers=garbage-collector-controller,namespace-controller" in controllers


def test_a_folder_without_them_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))

    with pytest.raises(NoPrograms) as raised:
        programs()

    assert str(raised.value) == (
        f"no API server: KUBEBUILDER_ASSETS={tmp_path} has no etcd and no kube-apiserver"
    )


def test_without_a_folder_and_without_go_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(NoPrograms) as raised:
        programs()

    assert str(raised.value) == (
        "no API server: KUBEBUILDER_ASSETS is not set, and there is no Go on PATH to build one"
    )


def test_the_module_builds_the_release_that_the_server_calls_itself() -> None:
    text = (MODULE / "go.mod").read_text("utf-8")

    assert f"k8s.io/kubernetes {RELEASE}\n" in text
    assert set(re.findall(r"^\tk8s\.io/\S+ => \S+ (\S+)$", text, re.MULTILINE)) == {
        RELEASE.replace("v1.", "v0.", 1)
    }
