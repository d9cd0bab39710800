"""Pages and page pieces of working together: delegating, urging, copying, standing in."""
