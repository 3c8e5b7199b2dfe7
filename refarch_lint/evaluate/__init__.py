"""Demand against reality: subjects, assertions, roles, findings and verdicts."""
