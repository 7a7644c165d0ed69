"""Projects, Applications and settings of Argo CD."""
