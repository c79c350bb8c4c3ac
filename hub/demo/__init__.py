"""The demo company: its data, its rules and the carrier that plays its customers."""
