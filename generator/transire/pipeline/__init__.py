"""Steps that verbs share: compile, stamp, render, plan, examine, version, share work out.

A step takes values and gives values. It knows the rooms below and no verb.
"""
