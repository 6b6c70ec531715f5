"""What is put in place once, when LocalStack starts; `start` is the entry point."""
