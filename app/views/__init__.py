"""The large widgets: live picture, 3D view, latency plot."""
