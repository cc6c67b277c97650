# A page: what it is, usage, options from the table, examples.
$ ntsh help help
> help - what commands and topics there are*
>   help [COMMAND|TOPIC...] [--man]
> ...
> Options
> ...
>   --man *
> ...
> Examples
> ...
>       $ ntsh help dns dig
> ...
> See also
>   explain

# Names are found with blanks, dashes or underscores; near ones are named.
$ ntsh help dns-dig
> dns dig - *
> ...

$ ntsh help route gte
! ntsh: help: there is no page 'route gte'; did you mean route get?
? 2

# As JSON: the list, and a page.
$ ntsh --json help
j .command == "help"
j .result.pages.0.name exists
j .status == 0

$ ntsh --json help tcp-states
j .result.name == "tcp-states"
j .result.text ~ CLOSE-WAIT

$ ntsh --json help nothing
! ntsh: help: there is no page 'nothing'*
j .status == 2
j .error.code == "EUSAGE"
? 2

# The general part of the JSON page.
$ ntsh help json
> ...
> The envelope
> ...

# --help is the usage alone.
$ ntsh help --help
> help [COMMAND|TOPIC...] [--man]
> ...
