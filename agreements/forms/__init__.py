"""What people type about agreements, a module for each subject."""
