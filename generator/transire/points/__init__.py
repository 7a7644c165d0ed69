"""What each enforcement point beyond the network policies is: proxies and meshes.

A point is a kind of engine. It lets through tunnels and single requests, where an engine lets
through flows, and stands behind a network policy that leaves a pod no other way. A folder holds
everything that is known of one kind of point; no point knows another.
"""
