"""Where the parts of a sweep are computed: in this process, in a pool, or on a cluster."""
