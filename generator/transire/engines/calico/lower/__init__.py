"""Intent as Calico's policies: values of the charts, or why not.

Whoever judges Calico's objects never looks here.
"""
