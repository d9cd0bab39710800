"""Runs web, worker and beat as child processes of one command, and keeps them running."""
