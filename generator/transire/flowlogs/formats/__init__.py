"""One module for each format of a log; each has a `Format` that `flowlogs/registry` lists."""
