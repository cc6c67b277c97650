# What cannot be a URL is said before a packet leaves.
$ ntsh http 'http://exa mple/'
! ntsh: http: *http://exa mple/*%20*
? 2
$ ntsh http http://127.0.0.1:70000/
! ntsh: http: *70000*
? 2
$ ntsh http /etc/passwd
! ntsh: http: */etc/passwd*
? 2
$ ntsh http ftp://127.0.0.1/
! ntsh: http: *ftp*
? 2
$ ntsh http http:///x
! ntsh: http: the URL has no host*
? 2
$ ntsh http http://300.1.1.1/
! ntsh: http: *300.1.1.1*
? 2
$ ntsh http http://127.0.0.1/ --http2 --http1.1
! ntsh: http: *
? 2
# Nobody listens on port 1.
$ ntsh http http://127.0.0.1:1/
! ntsh: http: 127.0.0.1:1 refused*
? 1
$ ntsh --json http http://127.0.0.1:1/
j .status == 1
j .error.code == "ECONNREFUSED"
j .result.exchanges[0].reached == "connect"
j .result.phases.total_ms exists
? 1
# A name without an address, without asking anybody.
$ ntsh http http://[fe80::1]:1/
! ntsh: http: *
? 1
# Where the body should go cannot be written.
$ ntsh http http://127.0.0.1:1/ -o /nosuch/dir/file
! ntsh: http: /nosuch/dir/file cannot be written*
? 3
