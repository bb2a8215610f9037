"""Tests of the exchange of programmes."""
