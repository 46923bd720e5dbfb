"""What all tests share: hypothesis must not time examples on a machine that others use too."""

import hypothesis

hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")
