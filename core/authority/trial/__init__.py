"""What a change of the policy would do, before it is in force.

Which people gain and lose which actions on which objects, worked out for everybody at once over the
real data, and compared with the answers of the two sets of rules themselves; and the assertions
that no publication may break by accident.
"""
