"""Notifications: what concerns the reader, and whether they have read it."""
