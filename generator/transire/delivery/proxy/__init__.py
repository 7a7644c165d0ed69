"""A generated egress proxy as a chart of its own: Envoy, its lists, and what guards its pods.

`proxy_chart` in `chart` gives the files of a chart's folder for one cluster; `configuration` in
`rendered` takes from rendered objects what the proxy then reads, so that this can be proved.
"""
