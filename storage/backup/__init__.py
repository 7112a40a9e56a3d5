"""Backups on another disk: what is sealed, write-once; whatever could open it, in generations of bounded age.

A backup never overwrites and never holds sessions or indexes. What was destroyed is taken out of all of it.
"""
