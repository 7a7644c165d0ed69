"""The one door to Git: a repository, a revision as it was, the base that a change is held against.

It may start `git` and the sign hook, and runs nothing that a repository configures.
"""
