"""Fixity: whether every store still holds what the log names, and putting right what it does not."""
