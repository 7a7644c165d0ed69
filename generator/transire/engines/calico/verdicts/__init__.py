"""Single flows, judged as Felix judges packets."""
