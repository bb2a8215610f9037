"""The hall: what is true, and what may happen. Knows no door, no request, no form, no socket."""
