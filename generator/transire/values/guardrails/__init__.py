"""The organisation's rules about values: one module is one rule, and its docstring is its page.

The folders are subjects: `hosts`, `addresses`, `destinations`, `entries`; a guardrail there sees
the organisation through `context` and nothing else. `fixed` has those that run while values are
read.
"""
