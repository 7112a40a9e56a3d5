"""Given names that translate one another: Сяргей, Сергей, Сергій, Sergiusz are one row of `given.tsv`."""
