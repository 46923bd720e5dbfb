"""A user's own footage to shards: frames, a teacher's views of them, agreement, files."""
