"""Intent as Cilium's policies: values of the charts, or why not.

Whoever judges Cilium's objects never looks here.
"""
