"""What lies on disk: generations, sealed files, the store of documents, the inventory of files."""
