"""What values mean: targets, and the flows that a team and the platform meant to allow there.

Written from the values alone. It sees neither what an engine lowers nor what a chart renders, so
that a proof compares two things that were made apart; what both sides share is in `premises`.
"""
