"""What has to be configured outside of the generated policies, for whoever configures it there."""
