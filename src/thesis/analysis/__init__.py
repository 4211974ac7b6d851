"""What several cells of a chapter compute and could get wrong, one module a subject."""
