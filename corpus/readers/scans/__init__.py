"""Scanned pages with the OCR's text: ALTO and PAGE XML."""
