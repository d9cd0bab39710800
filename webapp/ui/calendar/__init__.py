"""工作日历: the versions loaded so far, and loading a later notice."""
