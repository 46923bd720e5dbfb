"""The small widgets: one QWidget per concern."""
