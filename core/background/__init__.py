"""Work nobody waits for: handlers after their events, and jobs by the clock."""
