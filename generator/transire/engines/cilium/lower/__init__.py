"""Intent as Cilium's policies: values of the charts, or why not."""
