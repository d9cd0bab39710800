"""Signing in and out, and choosing the acting post."""
