"""Answers that are no plain queryset, shaped for the doors."""
