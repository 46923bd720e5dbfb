"""Streams: live hands for other programs, over VMC, OSC and WebSocket; see README.md."""
