"""Exchange of whole programmes as files: read, check, and turn into dated sessions. Knows no database."""
