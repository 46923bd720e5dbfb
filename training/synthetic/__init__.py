"""Self-made training pictures: scene sampler, skins, renderer and camera, in torch."""
