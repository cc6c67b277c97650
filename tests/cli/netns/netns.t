$ ntsh netns
> namespace*interfaces*
> ...
> *network namespaces*
> ...

$ ntsh --json netns list
j .result.total >= 1
j .result.namespaces[0].inode > 0
j .status == 0

$ ntsh netns lst
! ntsh: netns: *list*
? 2
