"""The register of an agency's official documents."""
