"""The page of the rules that hold where nobody may be offered a step."""
