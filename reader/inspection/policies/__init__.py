"""The policies that come with the program, as TOML files; ``reader.inspection.policy`` reads them."""
