"""HandNetwork: one forward pass from a picture to all hands (torch)."""
