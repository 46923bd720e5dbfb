"""Takes as files of other programs: one writer per format, and what they share."""
