"""What a hand is and how one is found: no Qt, no training code."""
