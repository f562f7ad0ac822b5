"""The ground every app stands on: settings, people and centers, access, history, review, files, formats."""
