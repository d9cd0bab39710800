"""The task centre and the task page."""
