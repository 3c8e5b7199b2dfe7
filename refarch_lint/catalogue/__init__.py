"""What is demanded: rules, architectures, profiles and the checklist, as data."""
