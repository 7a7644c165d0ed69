"""Every flow that Calico's objects allow, as exact sets."""
