"""What rests on what: what a settled thing saw when it was settled, what has changed since, and which deeds fulfil a duty."""
