"""Template words of the HTML door."""
