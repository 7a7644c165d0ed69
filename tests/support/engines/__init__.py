"""Targets, policies, proofs and recorded verdicts."""
