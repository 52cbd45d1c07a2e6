"""Who may do what: the role catalogue, appointments, and the policy that answers questions."""
