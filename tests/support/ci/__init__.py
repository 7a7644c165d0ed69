"""Forges and runners, as pipelines meet them, with a repository and a release to run."""
