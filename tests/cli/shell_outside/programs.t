# Text into programs, output into files, programs beside.
$ ntsh -c 'echo a b | tr a-z A-Z | rev'
> B A
$ ntsh -c 'echo a | cat; echo b'
> a
> b
$ ntsh -c 'set who you; echo x | sed "s/x/hello $who/"; !echo $who $1' 
> hello you
> you
$ printf '!echo $1 $#\necho x | sed "s/x/$2/"\n' > f; ntsh -q -f f one two
> one 2
> two
$ ntsh -c '!true && echo yes; !false || echo no'
> yes
> no
$ ntsh -c 'echo x | (cat > /dev/null; exit 5)'
? 5
$ ntsh -c 'echo x | false'
? 1
$ ntsh -c '!kill -TERM $$'
? 143
$ ntsh -c 'echo x | nosuchprogram_at_all' 2>/dev/null
? 127
# a program that wants no more is no failure
$ ntsh -c 'help | head -1' | wc -l
> *1
? 0
$ ntsh -c 'help | true'
? 0
$ ntsh -c 'echo a > f; echo b >> f'; cat f
> a
> b
$ ntsh -c 'repeat 2 echo x > f'; cat f
> x
> x
$ ntsh -c 'set f "two words"; echo x > "$f"'; cat 'two words'
> x
$ ntsh -c 'set f "two words"; echo x > $f'
! ntsh: -c:1: this must be one file; *
! ...
? 2
$ ntsh -c 'echo x > nosuchdir/f'
! ntsh: -c:1: "nosuchdir/f" cannot be written: *
!   echo x > nosuchdir/f
!            ^
? 3
$ ntsh -c 'echo x > .'
! ntsh: -c:1: "." cannot be written: *
! ...
? 3
# a timeout ends our command; the program still gets what it had to say
$ ntsh -t 400ms -c 'ping -i 100ms 127.0.0.1 | (sleep 0.2; cat)' | grep -c 'lost'
> 1
$ ntsh -t 200ms -c '!sleep 20; echo ended'
? 143
