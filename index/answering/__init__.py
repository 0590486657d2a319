"""From ranked passages to an answer: quotations, verdict, surroundings, receipt."""
