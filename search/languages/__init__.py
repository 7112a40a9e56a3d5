"""The languages of the archive: letters, stemmers, how to tell them apart, how names sound in them."""
