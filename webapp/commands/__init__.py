"""What each sub-command of `lianban` does; loaded only when it is called."""
