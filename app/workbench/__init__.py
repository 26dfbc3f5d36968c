"""工作台: pages that join several capabilities: role home, search, later one-page files and the wall screen. Read only."""
