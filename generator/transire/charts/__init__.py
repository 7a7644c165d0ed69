"""Charts as Helm reads them: stamped, versioned, packed, described.

It knows what a chart may hold and how its bytes become an archive. It knows no values file, no
engine and no cluster: what is rendered into objects comes from `helm`, what goes in from above.
"""
