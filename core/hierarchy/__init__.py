"""The nouns of the Rules, from the country to the task, and the acts that change them."""
