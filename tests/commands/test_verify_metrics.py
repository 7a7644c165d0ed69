"""What `verify` finds, as metrics that Prometheus takes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from support.delivery.prometheus import installed, promtool
from support.review.example_diff import DIFF
from transire.commands.verify.formats import VERIFY_FORMATS
from transire.commands.verify.verify import Verified

FOUND = Verified(
    cluster="prod-eu",
    revision="HEAD",
    diff=DIFF,
    missing=("CiliumNetworkPolicy shop/deny",),
    changed=(),
    pinned_otherwise=("shop.prod-eu pins 0.1.0", "ledger.prod-eu pins 0.1.0"),
    strangers=(),
    unheld=(),
    ahead=False,
)


def test_every_kind_of_difference_has_a_number_and_the_time_is_now() -> None:
    text = VERIFY_FORMATS["prometheus"](FOUND)
    *lines, last = (line for line in text.splitlines() if not line.startswith("#"))

    assert lines == [
        'transire_verify_differences{target_cluster="prod-eu",kind="missing"} 1',
        'transire_verify_differences{target_cluster="prod-eu",kind="changed"} 0',
        'transire_verify_differences{target_cluster="prod-eu",kind="rejected"} 0',
        'transire_verify_differences{target_cluster="prod-eu",kind="going"} 0',
        'transire_verify_differences{target_cluster="prod-eu",kind="pinned otherwise"} 2',
        'transire_verify_differences{target_cluster="prod-eu",kind="leftover"} 0',
        'transire_verify_differences{target_cluster="prod-eu",kind="foreign"} 0',
        'transire_verify_differences{target_cluster="prod-eu",kind="unjudged"} 0',
    ]
    found = re.fullmatch(
        r'transire_verify_timestamp_seconds\{target_cluster="prod-eu"\} (\d+)', last
    )
    assert found is not None
    assert abs(int(found.group(1)) - datetime.now(UTC).timestamp()) < 3_600


@installed
def test_promtool_finds_nothing_wrong() -> None:
    ran = promtool("check", "metrics", stdin=VERIFY_FORMATS["prometheus"](FOUND))

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
