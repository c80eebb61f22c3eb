"""Sample papers: what people hold in front of a phone's camera. Each is marked as a sample."""
