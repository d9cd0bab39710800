"""Applying: choosing what to apply for, the form, checking the answers, the receipt, one's own applications."""
