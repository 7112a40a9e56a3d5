"""The standalone pack tool: a door for a laptop that has no archive, no account and nothing installed."""
