$ $NTSH diagnose service
! ntsh: diagnose service: PORT is missing; *
? 2
