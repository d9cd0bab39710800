"""材料: the checklist of a case, what stands on each line of it, and what an officer sends back."""
