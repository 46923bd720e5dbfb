"""Learning: data, losses, the loop, evaluation."""
