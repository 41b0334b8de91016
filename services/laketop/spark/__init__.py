"""The Spark part: an agent over HTTP, a pool of warmed drivers, and what they need: Java, jars, class-data archive."""
