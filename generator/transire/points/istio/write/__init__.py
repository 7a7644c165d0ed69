"""What is written for Istio: form by form what was measured to be exact, and refusals besides."""
