"""公文: the official documents of cases: what they state, their numbers, the register of each agency."""
