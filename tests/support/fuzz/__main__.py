"""`python -m support.fuzz`: every target for its share of the time, or those that are named."""

from __future__ import annotations

import argparse
import sys

from support.fuzz.campaign import Campaign


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m support.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: all of them")
    parser.add_argument("--seconds", type=int, default=600, help="for all targets together")
    parser.add_argument("--runs", type=int, default=0, help="executions of each; 0: no bound")
    parser.add_argument("--planted", action="store_true", help="break the program on purpose")
    parser.add_argument("--record", metavar="FILE", help="a table to which lines are added")
    parser.add_argument("--keep", metavar="FOLDER", help="where inputs go that reach new code")
    given = parser.parse_args()
    campaign = Campaign(
        names=tuple(given.targets),
        seconds=given.seconds,
        runs=given.runs,
        planted=given.planted,
        keep=given.keep,
        record=given.record,
    )
    sys.exit(campaign.run())


if __name__ == "__main__":
    main()
