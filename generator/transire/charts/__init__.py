"""From lowered values to charts and GitOps objects on disk."""
