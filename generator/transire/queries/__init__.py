"""Queries about single flows, and what is known of a cluster that they are about.

The notation of the command line, the JSON forms and the addresses behind names are here; verdicts
come from the engines.
"""
