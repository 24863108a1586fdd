"""The registers behind Protocols of few methods, and what they answer as frozen dataclasses."""
