"""The standalone verifier: a door to the core modules that needs Python and nothing else."""
