"""Bytes to documents: finding files, reading them, and knowing where everything stands; nothing of Kubernetes."""
