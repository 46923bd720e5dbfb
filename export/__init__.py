"""From checkpoints to engines."""
