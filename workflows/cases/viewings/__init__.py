"""Who opened what (阅览记录): cases, papers and official documents, each opening a line that is never changed."""
