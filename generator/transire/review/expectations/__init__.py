"""Expectations beside the verdicts that they got, as people, pipelines and programs read them."""
