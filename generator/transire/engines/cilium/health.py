"""When a Cilium policy is healthy, in the words of Argo CD and of Flux.

Cilium's operator writes the condition `Valid` (from 1.16 on, with `validate-network-policy`, which
is the default). It does not hold the generation it saw, so right after a change the old verdict
may still stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from transire.engines.api.health import Health
from transire.engines.api.kinds import Kind
from transire.engines.cilium.facts import CLUSTERWIDE, GROUP, POLICY
from transire.model.intent import Cluster
from transire.yamlio import YamlTree

_VERDICTS_SINCE = "1.16"
LUA = """\
local valid = nil
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "Valid" then
      valid = condition
    end
  end
end
if valid ~= nil and valid.status == "False" then
  return {status = "Degraded", message = valid.message or "Cilium refuses the policy"}
end
if valid ~= nil and valid.status == "True" then
  return {status = "Healthy", message = valid.message or "Cilium accepts the policy"}
end
-- No verdict. The operator gives one within seconds, unless it does not validate at all.
local metadata = obj.metadata or {}
if metadata.creationTimestamp ~= nil then
  local os = require("os")
  local now = os.time()
  local zone = os.time(os.date("*t")) - os.time(os.date("!*t"))
  local before = os.date("%Y-%m-%dT%H:%M:%SZ", now - zone - 120)
  if metadata.creationTimestamp > before then
    return {status = "Progressing", message = "waiting for the verdict of Cilium's operator"}
  end
end
if metadata.annotations ~= nil and metadata.annotations["transire/source"] ~= nil then
  return {
    status = "Healthy",
    message = "no verdict from Cilium; transire proved the policy before it was published"
  }
end
return {status = "Unknown", message = "no verdict from Cilium, so nobody knows if it is valid"}
"""
"""Health of a Cilium policy.

What can be decided: an invalid policy is never healthy where Cilium reports it. Where it has no
condition for two minutes its validation is off; then a policy of ours is healthy, because it was
proved before it was published, and of any other nothing is known. The timestamp is compared as
text, for Argo CD gives scripts no string library, and its `os.date` forgets `!` next to a time.
"""


def _condition(status: str) -> str:
    return (
        "has(status.conditions) && "
        f"status.conditions.exists(c, c.type == 'Valid' && c.status == '{status}')"
    )


FAILED, CURRENT = _condition("False"), _condition("True")


def _validates(cluster: Cluster) -> bool:
    """Whether Cilium's operator gives a verdict, unless its flag turns that off."""
    off = dict(cluster.agent).get("validate-network-policy", "true") == "false"
    return cluster.release.at_least(_VERDICTS_SINCE) and not off


def _flux(cluster: Cluster, kinds: Iterable[Kind]) -> list[YamlTree]:
    """The checks of a release of those kinds on that cluster; none where no verdict ever comes.

    An expression that reads a missing status counts as not yet, until the time is up. So where the
    operator does not validate, only the absence of checks does not wait for ever.
    """
    if not _validates(cluster):
        return []
    return [
        {"apiVersion": f"{GROUP}/v2", "kind": each.kind, "failed": FAILED, "current": CURRENT}
        for each in kinds
        if each.group == GROUP
    ]


HEALTH = Health(
    argocd=MappingProxyType({f"{GROUP}_{kind}": LUA for kind in (CLUSTERWIDE, POLICY)}),
    flux=_flux,
)
