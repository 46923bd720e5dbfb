"""The parametric hand: its file, and skinning in numpy and torch."""
