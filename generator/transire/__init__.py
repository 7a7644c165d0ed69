"""Egress policies as code: values files in, proved and versioned Helm charts out."""
