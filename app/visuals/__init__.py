"""What OpenGL draws: small programs that upload a few buffers per frame and know no widgets."""
