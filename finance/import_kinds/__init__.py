"""What the rows of each kind of table are held against, and how they are applied."""
