# What cannot be a URL is said before a packet leaves.
$ ntsh http 'http://exa mple/'
! ntsh: http: *space at character 11*%20*
? 2
$ ntsh http http://127.0.0.1:70000/
! ntsh: http: port 70000 does not exist*
? 2
$ ntsh http /etc/passwd
! ntsh: http: */etc/passwd is a file's path, not a URL*
? 2
$ ntsh http ftp://127.0.0.1/
! ntsh: http: *ftp:// is not supported*
? 2
$ ntsh http http:///x
! ntsh: http: the URL has no host*
? 2
$ ntsh http example.com
! ntsh: http: example.com has no scheme; write http://example.com*
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
