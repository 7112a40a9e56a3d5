"""Auditing an archive from the auditor's own machine: what it serves, held against what she keeps."""
