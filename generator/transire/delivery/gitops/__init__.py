"""Objects that tell Argo CD and Flux what to publish, and what they may."""
