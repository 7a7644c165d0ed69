"""The only door to Helm: in process through the SDK, or the `helm` executable."""
