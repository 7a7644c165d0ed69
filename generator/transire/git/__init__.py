"""The one door to Git: repositories, revisions, bases."""
