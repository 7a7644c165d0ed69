"""All requests that a namespace may have, as exact sets, by the objects of a mesh alone."""
