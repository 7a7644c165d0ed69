"""Single flows, judged as Cilium's agent judges them."""
