"""The bench: every figure as a ratio to the stock library's round trip in the same run."""
