$ ntsh drops --for 0
! ntsh: drops: *
? 2

$ setpriv --reuid 65534 --clear-groups --bounding-set=-all --inh-caps=-all ntsh drops --for 10ms
! ntsh: drops: the kernel's tracepoints cannot be read: *; setcap cap_dac_override,cap_sys_admin+ep *
? 3
