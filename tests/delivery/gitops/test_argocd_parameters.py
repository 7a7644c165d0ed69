"""The parameters that stand in every Application, so that others are healed, change nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from support import needs
from support.paths import CHARTS, ROOT

_APPLICATIONS = [
    body
    for path in sorted(ROOT.glob("argocd/*/applications/**/*.yaml"))
    for body in yaml.safe_load_all(path.read_text("utf-8"))
    if body["kind"] == "Application"
]
_ONE_OF_EACH_CHART = {body["spec"]["source"]["repoURL"]: body for body in _APPLICATIONS}


def template(chart: Path, *arguments: str) -> str:
    """What `helm template` prints."""
    command = [needs.helm_executable(), "template", "egress", str(chart), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("address", sorted(_ONE_OF_EACH_CHART))
def test_a_chart_renders_the_same_with_them_and_without(address: str) -> None:
    helm = _ONE_OF_EACH_CHART[address]["spec"]["source"]["helm"]
    chart = CHARTS / address.removeprefix("oci://registry.example.com/egress/")
    files = ["--values", str(chart / helm["valueFiles"][0])]
    parameters = [f"{each['name']}={each['value']}" for each in helm["parameters"]]
    contents = [f"{each['name']}={chart / each['path']}" for each in helm["fileParameters"]]

    rendered = template(chart, *files, "--set", *parameters, "--set-file", *contents)

    assert rendered == template(chart, *files)
    assert (len(parameters), len(contents)) == (1, 1)
