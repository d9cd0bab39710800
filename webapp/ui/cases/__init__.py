"""Cases: the list, the case page, its diagram, its papers and official documents."""
