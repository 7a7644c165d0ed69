"""A `kubectl` that shows what a policy repository renders for a cluster, in place of a real one."""

from __future__ import annotations

import os
from pathlib import Path

from support.dumps import Body, dump

_KUBECTL = """\
#!/bin/sh
grep -q "^a kubeconfig$" "$KUBECONFIG" || {{ echo "no kubeconfig" >&2; exit 1; }}
[ "$1" = --context ] && cluster=$2 && shift 2
echo "$cluster $*" >> {folder}/asked
case "$1" in
  api-resources) printf '%s\\n' ciliumnetworkpolicies.cilium.io pods secrets ;;
  get) cat "{folder}/$cluster/dump.json" ;;
esac
"""

KUBECONFIG = "a kubeconfig\n"
"""What the program needs to find where `KUBECONFIG` leads."""


def kubectl_for(folder: Path, clusters: dict[str, list[Body]]) -> str:
    """A folder for PATH with a `kubectl` that knows those clusters by their contexts."""
    for name, bodies in clusters.items():
        (folder / name).mkdir(parents=True)
        dump(bodies, folder / name)
    program = folder / "bin/kubectl"
    program.parent.mkdir()
    program.write_text(_KUBECTL.format(folder=folder), encoding="utf-8")
    program.chmod(0o755)
    return f"{program.parent}{os.pathsep}"


def asked(folder: Path) -> list[str]:
    """What was asked of it: the context and the words."""
    return (folder / "asked").read_text(encoding="utf-8").splitlines()
