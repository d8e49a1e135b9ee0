"""Tests of the rules that the code is written by: the gates bite, and what no gate checks is checked here."""
