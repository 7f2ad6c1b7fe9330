"""Plots that show what a network does: one module a kind, arrays in, a matplotlib Figure out."""
