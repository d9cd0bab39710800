"""What supporting agencies say, what the lead answers them, and what joint leads sign."""
