"""Who may reach something: every rule of every team that leads there, on every target."""
