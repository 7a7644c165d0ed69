"""Forges and runners, as pipelines meet them."""
