"""A walker's report as text and as a page, in words that are given: for printing, or for sending."""
