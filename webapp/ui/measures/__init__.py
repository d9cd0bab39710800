"""The page of the measures: who leads, who supports."""
