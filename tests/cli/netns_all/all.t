$ ntsh netns all
! ntsh: netns all: *command is missing*
? 2

$ ntsh netns all nosuchcommand
! ntsh: *nosuchcommand*
? 2
