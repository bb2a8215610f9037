"""Evidence: the hash chain of a session's presence events, and the commitments that survive an erasure."""
