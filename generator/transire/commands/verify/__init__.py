"""`verify`: what a cluster really holds, against the values of a revision."""
