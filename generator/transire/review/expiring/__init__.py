"""What ends soon, as people, pipelines, calendars and programs read it."""
