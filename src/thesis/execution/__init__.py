"""Executing the chapters, recording what they gave, and executing the record again."""
