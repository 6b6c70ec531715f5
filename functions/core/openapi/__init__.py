"""OpenAPI 3.1, as far as the platform's document and an application's share it."""
