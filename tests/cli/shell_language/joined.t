# ; && || and newlines.
$ ntsh -c 'echo a; echo b && echo c || echo d'
> a
> b
> c
$ ntsh -c 'explain nosuchwordatall > /dev/null || echo rescued'
> rescued
? 0
$ ntsh -c 'explain nosuchwordatall > /dev/null && echo never || echo rescued; echo $?'
> rescued
> 0
$ ntsh -k -c '!exit 3; echo $?'
> 3
? 3
$ printf 'echo a &&\n\n echo b; echo "c\nd" |\n cat\n' | ntsh -q
> a
> b
> c\nd
$ printf '\357\273\277echo mark\r\necho "dos"\r\n' | ntsh -q
> mark
> dos
