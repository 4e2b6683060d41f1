"""What all songwriters share: the prompt, the answer's schema, how it is read, and the person's own words."""
