"""The only door to Helm: in process through the SDK, or the `helm` executable.

Whatever is rendered starts from the file that Helm would be given, never from values in memory,
and whatever is read goes through Helm's own YAML, because no other reader agrees with it about
`y`, `0443` or a key that stands twice.
"""

from transire.helm.chart import Chart
from transire.helm.reading import read_yaml
from transire.helm.request import HelmChoice, Request
from transire.helm.running import available, in_process, lint, render

__all__ = [
    "Chart",
    "HelmChoice",
    "Request",
    "available",
    "in_process",
    "lint",
    "read_yaml",
    "render",
]
