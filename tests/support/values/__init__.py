"""Values files for tests: an organisation written as people would, and rules of a few teams.

It knows the organisation and how values are read; it knows no engine and no chart.
"""
