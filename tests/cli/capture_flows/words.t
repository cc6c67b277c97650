$ ntsh capture flows /nonexistent
! ntsh: capture flows: *
? 3
