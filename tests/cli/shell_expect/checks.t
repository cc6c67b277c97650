# expect looks into the last command's result.
$ ntsh -c 'help > /dev/null; expect count(pages[group=shell]) >= 11; expect pages[name=expect].summary ~ check'
> ok*count(pages*group=shell]) >= 11: *
> ok*pages*name=expect*.summary ~ check: check the result of the last command
! ntsh: 1 command, 2 checks: all good
$ ntsh -c 'help > /dev/null; expect count(pages) < 3; echo never'
> not*count(pages) < 3: *
! ntsh: 1 command, 1 check: 1 failed, worst status 1, ended at line 1
? 1
$ printf 'help > /dev/null\nexpect count(pages) < 3\nexpect pages[name=echo].name == echo\necho on\n' > f; ntsh -k -f f
> not*
> ok*
> on
! ntsh: 2 commands, 2 checks: 1 failed, worst status 1
? 1
# echo and set are not looked at; failures of the check's own words are status 2
$ ntsh -q -c 'expect x == 1'
! ntsh: -c:1: expect: nothing was measured yet; *
! ...
? 2
$ ntsh -q -c 'help > /dev/null; echo x > /dev/null; expect pages[0].nmae == echo'
! ntsh: -c:1: expect: the result of help has no pages[].nmae; did you mean pages[].name?
!   help > /dev/null; echo x > /dev/null; expect pages[0].nmae == echo
!                                                ^
? 2
$ ntsh -c 'help > /dev/null; set n 3; expect count(pages) < $n || pages[name=echo].name == echo'
> not*< 3: *
> ok*
$ ntsh -q -c 'help > /dev/null; expect pages[name=echo].name == echo && echo x'
! ntsh: -c:1: expect: the result of help has no echo; *
! ...
? 2
$ ntsh -j -c 'help > /dev/null; expect pages[name=echo].name == sleep'
j .command == "expect"
j .status == 1
j .result.passed == false
j .result.checks.0.measured == "echo"
j .result.checks.0.expected == "sleep"
? 1
