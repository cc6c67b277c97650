$ true
