"""Inference engines: one protocol, one file per library."""
