"""Files → rows: every format that charnn reads, read the same way by every command."""
