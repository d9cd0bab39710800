"""The web face of 联办: pages, API, jobs, adapters."""
