"""Working together on a case: delegating, urging, copying, handing over; one module per verb."""
