"""One module per rule; its docstring is its page, and the examples on it run as tests.

A folder is a subject. Rules know no engine: they ask the `PolicyView` of the cluster's engine, and
the `PolicyApi` of an object. Only folders that bear an engine's name hold rules about that alone.
"""
