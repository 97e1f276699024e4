"""What the programs share: clock, memory, processes, data, tables, drawings, peers."""
