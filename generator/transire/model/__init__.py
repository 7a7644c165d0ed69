"""Frozen values in the words of the domain: intent, names, addresses, problems.

Plain data, known to every room and knowing none.
"""
