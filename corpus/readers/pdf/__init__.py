"""PDF: words in reading order, form fields, hidden words and OCR."""
