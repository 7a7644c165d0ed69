"""Targets, policies, cases, proofs and recorded verdicts."""
