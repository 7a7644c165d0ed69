"""The causes of a symptom: from policies, a snapshot of the cluster and flow logs, with evidence.

Each cause is a module in `causes`, and nothing here prints or reads files.
"""
