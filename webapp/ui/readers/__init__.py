"""Why somebody sees a case, and who else does."""
