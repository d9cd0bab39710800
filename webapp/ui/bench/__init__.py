"""The work bench: what to do first today."""
