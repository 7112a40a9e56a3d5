"""What leaves as a page to be printed: certificates and reports, set as PDF."""
