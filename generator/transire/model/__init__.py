"""Frozen values in the terms of the domain: intent, names, addresses, problems.

Plain data, open to every room and importing none.
"""
