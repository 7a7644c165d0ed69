"""What configuration of Envoy lets through, whoever wrote it."""
