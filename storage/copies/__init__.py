"""Further copies of bodies and headers on other disks, each in a folder with a mark of whose it is."""
