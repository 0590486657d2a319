"""Output: answers and documents in a terminal or as JSON, progress, status and plots."""
