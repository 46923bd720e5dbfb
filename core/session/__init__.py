"""Sessions: what the camera saw and the program understood, kept in a folder `name.hands/`."""
