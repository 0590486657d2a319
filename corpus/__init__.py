"""What the archive says: documents, their structure and provenance, and how to cite them."""
