$ ntsh diagnose capture /nonexistent
! ntsh: diagnose capture: *
? 3
