$ ntsh --json neigh
j .result.total exists
j .result.asked == null
j .status == 0

$ ntsh neigh dev lo
> no neighbour is known*

$ ntsh --json neigh --all dev lo
j .status == 0

$ ntsh neigh nosuchif0
! ntsh: neigh: *nosuchif0*
? 2
