"""查找: cases found by what is written in them, by whoever may see it and nobody else."""
