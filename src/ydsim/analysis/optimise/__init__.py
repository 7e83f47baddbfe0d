"""Search for policies that are the best compromises between objectives, over many draws."""
