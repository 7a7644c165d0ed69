"""The organisation's rules about values: one module is one rule, and its docstring is its page.

A guardrail sees the organisation through `context` and nothing else.
"""
