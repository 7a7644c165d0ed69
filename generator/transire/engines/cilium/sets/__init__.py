"""Every flow that Cilium's policies allow, as exact sets."""
