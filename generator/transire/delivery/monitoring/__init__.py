"""Files for those who watch clusters: settings for logs and metrics, alerts, dashboards.

What an engine shows, and how that is set, is looked up in the registry of engines; which fields of
a log count is looked up in the readers of logs.
"""
