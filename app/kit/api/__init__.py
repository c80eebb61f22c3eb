"""HTTP: the application class, problem documents, schemas, idempotency keys and the OpenAPI document."""
