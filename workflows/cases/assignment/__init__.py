"""What follows when a step is offered and nobody may do it: rules that are data."""
