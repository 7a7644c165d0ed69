"""A target as files for Envoy, or why it cannot have it."""

from __future__ import annotations

from transire import yamlio
from transire.points.api.target import PointTarget
from transire.points.api.written import Written
from transire.points.envoy import facts
from transire.points.envoy.write.bootstrap import bootstrap, listeners
from transire.points.envoy.write.filters import address_check
from transire.points.envoy.write.json_lines import document
from transire.points.envoy.write.refusals import caveats, refusals
from transire.points.envoy.write.tables import Table


def write(target: PointTarget) -> Written:
    """The bootstrap, the listeners, the denied ranges, and the list of each listener.

    All of them lie side by side in one folder.

    Raises:
        NotModelled: if the release is not modelled.
    """
    facts.RELEASES.check(target.release)
    refused = tuple(refusals(target))
    if refused:
        return Written(refusals=refused)
    files = {
        facts.BOOTSTRAP: yamlio.write(bootstrap(target)),
        facts.LISTENERS: document(listeners(target)),
    }
    if target.denied:
        files[facts.ADDRESSES] = document(address_check(target.denied))
    for each in target.listeners:
        files[facts.list_file(each.pods.name)] = str(Table.of(each))
    return Written(files=files, caveats=tuple(caveats(target)))
