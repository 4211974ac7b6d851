"""Making the website of the recorded chapters: both renderers' shared steps, links, search, downloads."""
