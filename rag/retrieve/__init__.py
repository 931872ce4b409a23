"""Question in, passages out: vectors and words fused, near-duplicates folded, the best read."""
