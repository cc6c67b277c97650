# The overview lists the commands by group.
$ ntsh help
> ...
> *explain*what an error*
> ...
? 0

$ ntsh help hlep
! ntsh: help: there is no page 'hlep'; did you mean help?
? 2
