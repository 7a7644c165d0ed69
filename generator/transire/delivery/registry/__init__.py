"""Charts in an OCI registry: pushed, looked up, pulled."""
