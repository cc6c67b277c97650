$ ntsh route del
! ntsh: route del: *is missing; *
? 2

$ ntsh route del nonsense
! ntsh: route del: 'nonsense' is no address block; *
? 2

$ ntsh --json route del 192.0.2.8/29 table 4242
j .result.done == false
j .result.says ~ no such route

@needs root netns
$ unshare -n ntsh route del -y 192.0.2.8/29
! ntsh: route del: *there is no such route*ntsh route shows*
? 1
