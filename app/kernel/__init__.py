"""Pure shared vocabulary: no database, no web, no clock. Everything else may import it; it imports nothing of ours."""
