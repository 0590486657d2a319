"""What a question asks for: its names, type, language, and what it leans on."""
