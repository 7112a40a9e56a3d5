"""Cosigning: what a partner organisation runs, and how an archive asks those it is cosigned by."""
