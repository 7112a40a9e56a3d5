"""Vocabularies as data: JSON files of codes and labels, read by `archive.vocabulary`."""
