"""The domain of 联办: plain Python and SQLAlchemy, no web framework, no job queue, no configuration."""
