"""Incidents: cases that stand still, and trying again."""
