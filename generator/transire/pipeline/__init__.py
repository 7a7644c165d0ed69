"""Steps that verbs share: compile, stamp, render, plan, examine, version."""
