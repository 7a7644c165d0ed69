"""What every verb costs from ten teams to ten thousand, beside `helm template` and a validator."""
