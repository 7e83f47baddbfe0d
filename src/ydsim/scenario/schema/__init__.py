"""What a scenario may say: sections, parameters with bounds, policies, governance."""
