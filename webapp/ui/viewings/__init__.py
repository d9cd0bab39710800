"""The page of who opened what."""
