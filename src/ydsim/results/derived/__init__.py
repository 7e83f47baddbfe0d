"""Tables that are made from recorded ones when somebody asks for them."""
