"""Question and hits in, a cited answer out."""
