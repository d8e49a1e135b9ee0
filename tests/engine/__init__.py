"""Tests of the engine: against the oracle, against itself, and at the edges of exact arithmetic."""
