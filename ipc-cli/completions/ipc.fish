# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ipc_global_optspecs
    string join \n h/help V/version
end

function __fish_ipc_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ipc_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ipc_using_subcommand
    set -l cmd (__fish_ipc_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ipc -n "__fish_ipc_needs_command" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_needs_command" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "ls" -d 'List objects, and the processes that use them'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "list" -d 'List objects, and the processes that use them'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "show" -d 'Show details of an object, or the objects that a process uses'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "create" -d 'Create an object'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "rm" -d 'Remove objects'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "gc" -d 'Remove objects that processes left behind and that no process uses'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "chmod" -d 'Change the mode of an object'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "sem" -d 'Post and wait for semaphores, or run a command while holding a permit'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "mq" -d 'Send and receive messages'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "sig" -d 'Send and receive signals'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "array" -d 'Import, export, fill and view arrays'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "lock" -d 'Run a command while holding a lock'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "doctor" -d 'Check the limits and known problems of this machine'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "bench" -d 'Compare the speed of this toolkit with that of the C library, in ten seconds'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "demo" -d 'Watch several processes find the edges in a picture in shared memory'
complete -c ipc -n "__fish_ipc_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand ls" -l state -d 'Only objects in this state' -r -f -a "in-use\t'A process uses it'
idle\t'No process uses it, as far as you have permission to see; it stays until a user removes it (`ipc rm`)'
stale\t'Left over from programs that have ended and should have removed it; `ipc gc` removes it'
foreign\t'Shared memory that was created without this toolkit, and no process uses it, as far as you have permission to see; it may still be needed'"
complete -c ipc -n "__fish_ipc_using_subcommand ls" -s u -l user -d 'Only objects of this user, by name or number' -r
complete -c ipc -n "__fish_ipc_using_subcommand ls" -l pid -d 'Only objects that this process uses' -r
complete -c ipc -n "__fish_ipc_using_subcommand ls" -l sort -d 'Sort by this column' -r -f -a "name\t''
kind\t''
size\t''
age\t''
owner\t''
state\t''"
complete -c ipc -n "__fish_ipc_using_subcommand ls" -l watch -d 'Repeat at this interval, at least 100ms (default: twice a second): --watch=2 (seconds), --watch=250ms. On a terminal, only as many objects as fit the screen, unless --wide is given' -r
complete -c ipc -n "__fish_ipc_using_subcommand ls" -s a -l all -d 'Also list memfds, FIFOs, sockets, file locks, and objects of other mount namespaces (containers)'
complete -c ipc -n "__fish_ipc_using_subcommand ls" -l stale -d 'Only stale objects: the same as --state stale'
complete -c ipc -n "__fish_ipc_using_subcommand ls" -s r -l reverse -d 'Reverse the order'
complete -c ipc -n "__fish_ipc_using_subcommand ls" -l json -d 'Print JSON, for programs: the fields are in the README of ipc-cli'
complete -c ipc -n "__fish_ipc_using_subcommand ls" -s w -l wide -d 'Print all columns and all processes, even if lines are longer than the terminal is wide'
complete -c ipc -n "__fish_ipc_using_subcommand ls" -s q -l quiet -d 'Print only what other commands accept, such as shm:/frames or set:7, one on each line'
complete -c ipc -n "__fish_ipc_using_subcommand ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ipc -n "__fish_ipc_using_subcommand ls" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand list" -l state -d 'Only objects in this state' -r -f -a "in-use\t'A process uses it'
idle\t'No process uses it, as far as you have permission to see; it stays until a user removes it (`ipc rm`)'
stale\t'Left over from programs that have ended and should have removed it; `ipc gc` removes it'
foreign\t'Shared memory that was created without this toolkit, and no process uses it, as far as you have permission to see; it may still be needed'"
complete -c ipc -n "__fish_ipc_using_subcommand list" -s u -l user -d 'Only objects of this user, by name or number' -r
complete -c ipc -n "__fish_ipc_using_subcommand list" -l pid -d 'Only objects that this process uses' -r
complete -c ipc -n "__fish_ipc_using_subcommand list" -l sort -d 'Sort by this column' -r -f -a "name\t''
kind\t''
size\t''
age\t''
owner\t''
state\t''"
complete -c ipc -n "__fish_ipc_using_subcommand list" -l watch -d 'Repeat at this interval, at least 100ms (default: twice a second): --watch=2 (seconds), --watch=250ms. On a terminal, only as many objects as fit the screen, unless --wide is given' -r
complete -c ipc -n "__fish_ipc_using_subcommand list" -s a -l all -d 'Also list memfds, FIFOs, sockets, file locks, and objects of other mount namespaces (containers)'
complete -c ipc -n "__fish_ipc_using_subcommand list" -l stale -d 'Only stale objects: the same as --state stale'
complete -c ipc -n "__fish_ipc_using_subcommand list" -s r -l reverse -d 'Reverse the order'
complete -c ipc -n "__fish_ipc_using_subcommand list" -l json -d 'Print JSON, for programs: the fields are in the README of ipc-cli'
complete -c ipc -n "__fish_ipc_using_subcommand list" -s w -l wide -d 'Print all columns and all processes, even if lines are longer than the terminal is wide'
complete -c ipc -n "__fish_ipc_using_subcommand list" -s q -l quiet -d 'Print only what other commands accept, such as shm:/frames or set:7, one on each line'
complete -c ipc -n "__fish_ipc_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ipc -n "__fish_ipc_using_subcommand list" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand show" -l json -d 'Print JSON, for programs: the fields are in the README of ipc-cli'
complete -c ipc -n "__fish_ipc_using_subcommand show" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand show" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -l mode -d 'The mode of the object: three octal digits, such as 640' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -f -a "shm" -d 'Shared memory filled with zeros'
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -f -a "sem" -d 'A named semaphore'
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -f -a "mq" -d 'A POSIX message queue'
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -f -a "array" -d 'An array filled with zeros'
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -f -a "segment" -d 'A System V segment filled with zeros; prints its id'
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -f -a "set" -d 'A System V semaphore set; prints its id'
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -f -a "queue" -d 'A System V message queue; prints its id'
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -f -a "fifo" -d 'A FIFO'
complete -c ipc -n "__fish_ipc_using_subcommand create; and not __fish_seen_subcommand_from shm sem mq array segment set queue fifo help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from shm" -l mode -d 'The mode of the object: three octal digits, such as 640' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from shm" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from shm" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from sem" -l mode -d 'The mode of the object: three octal digits, such as 640' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from sem" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from sem" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from mq" -l capacity -d 'The maximum number of messages' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from mq" -l size -d 'The maximum size of a message in bytes' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from mq" -l mode -d 'The mode of the object: three octal digits, such as 640' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from mq" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from mq" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from array" -l mode -d 'The mode of the object: three octal digits, such as 640' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from array" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from array" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from segment" -l key -d 'The key; without a key, other processes open it by its id, and `ipc gc` removes it when no process uses it' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from segment" -l mode -d 'The mode of the object: three octal digits, such as 640' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from segment" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from segment" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from set" -l key -d 'The key; without a key, other processes open it by its id' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from set" -l mode -d 'The mode of the object: three octal digits, such as 640' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from set" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from queue" -l key -d 'The key; without a key, other processes open it by its id' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from queue" -l mode -d 'The mode of the object: three octal digits, such as 640' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from queue" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from queue" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from fifo" -l mode -d 'The mode of the object: three octal digits, such as 640' -r
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from fifo" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from fifo" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from help" -f -a "shm" -d 'Shared memory filled with zeros'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from help" -f -a "sem" -d 'A named semaphore'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from help" -f -a "mq" -d 'A POSIX message queue'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from help" -f -a "array" -d 'An array filled with zeros'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from help" -f -a "segment" -d 'A System V segment filled with zeros; prints its id'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from help" -f -a "set" -d 'A System V semaphore set; prints its id'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from help" -f -a "queue" -d 'A System V message queue; prints its id'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from help" -f -a "fifo" -d 'A FIFO'
complete -c ipc -n "__fish_ipc_using_subcommand create; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand rm" -s f -l force -d 'Remove the object even if a process uses it'
complete -c ipc -n "__fish_ipc_using_subcommand rm" -s v -l verbose -d 'Print what was removed'
complete -c ipc -n "__fish_ipc_using_subcommand rm" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand rm" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand gc" -s n -l dry-run -d 'Print what would be removed, and remove nothing'
complete -c ipc -n "__fish_ipc_using_subcommand gc" -l unused -d 'Also remove idle and foreign objects: no process uses them, but they may still be needed. System V sets and queues are never removed'
complete -c ipc -n "__fish_ipc_using_subcommand gc" -l all-users -d 'Also remove objects of other users'
complete -c ipc -n "__fish_ipc_using_subcommand gc" -l json -d 'Print JSON, for programs'
complete -c ipc -n "__fish_ipc_using_subcommand gc" -s q -l quiet -d 'Do not print what was removed'
complete -c ipc -n "__fish_ipc_using_subcommand gc" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand gc" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand chmod" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand chmod" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and not __fish_seen_subcommand_from post wait try value run help" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and not __fish_seen_subcommand_from post wait try value run help" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and not __fish_seen_subcommand_from post wait try value run help" -f -a "post" -d 'Post permits'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and not __fish_seen_subcommand_from post wait try value run help" -f -a "wait" -d 'Wait for a permit, and acquire it; exit code 1 after a timeout'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and not __fish_seen_subcommand_from post wait try value run help" -f -a "try" -d 'Acquire a permit if one is free; exit code 1 otherwise'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and not __fish_seen_subcommand_from post wait try value run help" -f -a "value" -d 'Print the value'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and not __fish_seen_subcommand_from post wait try value run help" -f -a "run" -d 'Run a command while holding a permit'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and not __fish_seen_subcommand_from post wait try value run help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from post" -l index -d 'The index of the semaphore in a set' -r
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from post" -s n -l count -d 'The number of permits' -r
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from post" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from post" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from wait" -l index -d 'The index of the semaphore in a set' -r
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from wait" -s w -l timeout -d 'Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait' -r
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from wait" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from wait" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from try" -l index -d 'The index of the semaphore in a set' -r
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from try" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from try" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from value" -l index -d 'The index of the semaphore in a set' -r
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from value" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from value" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from run" -l index -d 'The index of the semaphore in a set' -r
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from run" -s w -l timeout -d 'Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait' -r
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from run" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from help" -f -a "post" -d 'Post permits'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from help" -f -a "wait" -d 'Wait for a permit, and acquire it; exit code 1 after a timeout'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from help" -f -a "try" -d 'Acquire a permit if one is free; exit code 1 otherwise'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from help" -f -a "value" -d 'Print the value'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from help" -f -a "run" -d 'Run a command while holding a permit'
complete -c ipc -n "__fish_ipc_using_subcommand sem; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and not __fish_seen_subcommand_from send recv peek help" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and not __fish_seen_subcommand_from send recv peek help" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and not __fish_seen_subcommand_from send recv peek help" -f -a "send" -d 'Send a message; exit code 1 if the queue is full until the timeout'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and not __fish_seen_subcommand_from send recv peek help" -f -a "recv" -d 'Receive a message and print it; exit code 1 after a timeout'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and not __fish_seen_subcommand_from send recv peek help" -f -a "peek" -d 'Print how many messages wait and their total size; no message is read'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and not __fish_seen_subcommand_from send recv peek help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from send" -s p -l priority -d 'The priority of the message, in a POSIX queue (default: 0)' -r
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from send" -s k -l type -d 'The type of the message, in a System V queue (default: 1)' -r
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from send" -s w -l timeout -d 'Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait' -r
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from send" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from send" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from recv" -s k -l type -d 'Only messages of this type, in a System V queue' -r
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from recv" -s w -l timeout -d 'Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait' -r
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from recv" -l raw -d 'Print the bytes of the message without a line break'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from recv" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from recv" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from peek" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from peek" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from help" -f -a "send" -d 'Send a message; exit code 1 if the queue is full until the timeout'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from help" -f -a "recv" -d 'Receive a message and print it; exit code 1 after a timeout'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from help" -f -a "peek" -d 'Print how many messages wait and their total size; no message is read'
complete -c ipc -n "__fish_ipc_using_subcommand mq; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and not __fish_seen_subcommand_from send wait watch help" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and not __fish_seen_subcommand_from send wait watch help" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and not __fish_seen_subcommand_from send wait watch help" -f -a "send" -d 'Send a signal to a process'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and not __fish_seen_subcommand_from send wait watch help" -f -a "wait" -d 'Wait for one of the given signals, and print it'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and not __fish_seen_subcommand_from send wait watch help" -f -a "watch" -d 'Print each of these signals when it arrives, until interrupted'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and not __fish_seen_subcommand_from send wait watch help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from send" -l value -d 'Send this value with the signal' -r
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from send" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from send" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from wait" -s w -l timeout -d 'Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait' -r
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from wait" -l json -d 'Print JSON, for programs'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from wait" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from wait" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from watch" -l json -d 'Print JSON, for programs: one object a line'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from watch" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from watch" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from help" -f -a "send" -d 'Send a signal to a process'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from help" -f -a "wait" -d 'Wait for one of the given signals, and print it'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from help" -f -a "watch" -d 'Print each of these signals when it arrives, until interrupted'
complete -c ipc -n "__fish_ipc_using_subcommand sig; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand array; and not __fish_seen_subcommand_from import export fill stat view help" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand array; and not __fish_seen_subcommand_from import export fill stat view help" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand array; and not __fish_seen_subcommand_from import export fill stat view help" -f -a "import" -d 'Create an array from a file: .npy, .png, .jpg or .csv'
complete -c ipc -n "__fish_ipc_using_subcommand array; and not __fish_seen_subcommand_from import export fill stat view help" -f -a "export" -d 'Write an array to a file: .npy, .png or .csv'
complete -c ipc -n "__fish_ipc_using_subcommand array; and not __fish_seen_subcommand_from import export fill stat view help" -f -a "fill" -d 'Set every element'
complete -c ipc -n "__fish_ipc_using_subcommand array; and not __fish_seen_subcommand_from import export fill stat view help" -f -a "stat" -d 'Print type, shape and statistics'
complete -c ipc -n "__fish_ipc_using_subcommand array; and not __fish_seen_subcommand_from import export fill stat view help" -f -a "view" -d 'Print the array as a picture made of characters'
complete -c ipc -n "__fish_ipc_using_subcommand array; and not __fish_seen_subcommand_from import export fill stat view help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from import" -l mode -d 'The mode of the array: three octal digits, such as 640' -r
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from fill" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from fill" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from stat" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from stat" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from view" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from view" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from help" -f -a "import" -d 'Create an array from a file: .npy, .png, .jpg or .csv'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write an array to a file: .npy, .png or .csv'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from help" -f -a "fill" -d 'Set every element'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from help" -f -a "stat" -d 'Print type, shape and statistics'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from help" -f -a "view" -d 'Print the array as a picture made of characters'
complete -c ipc -n "__fish_ipc_using_subcommand array; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand lock" -s w -l timeout -d 'Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait' -r
complete -c ipc -n "__fish_ipc_using_subcommand lock" -s E -l conflict-exit-code -d 'The exit code if the lock was not acquired in time' -r
complete -c ipc -n "__fish_ipc_using_subcommand lock" -l mode -d 'The mode of a new lock file: three octal digits, such as 640' -r
complete -c ipc -n "__fish_ipc_using_subcommand lock" -s s -l shared -d 'Acquire a shared lock: several processes may hold it, unless one holds an exclusive lock'
complete -c ipc -n "__fish_ipc_using_subcommand lock" -s o -l close -d 'Only `ipc` holds the lock, not the command. The lock is released when the command ends, even if its background processes still run, and when `ipc` is killed, even if the command still runs'
complete -c ipc -n "__fish_ipc_using_subcommand lock" -l any-owner -d 'Accept a lock file of another user'
complete -c ipc -n "__fish_ipc_using_subcommand lock" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand lock" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand doctor" -l json -d 'Print JSON, for programs'
complete -c ipc -n "__fish_ipc_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand bench" -l seconds -d 'Seconds for the whole measurement' -r
complete -c ipc -n "__fish_ipc_using_subcommand bench" -l json -d 'Print JSON, for programs'
complete -c ipc -n "__fish_ipc_using_subcommand bench" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand bench" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand demo" -l input -d 'A PNG or JPEG picture; by default a photograph that is part of the program' -r -F
complete -c ipc -n "__fish_ipc_using_subcommand demo" -l workers -d 'The number of processes; by default one for each core, but at least 2 and at most 8' -r
complete -c ipc -n "__fish_ipc_using_subcommand demo" -l output -d 'The PNG file for the edges; an existing file is replaced' -r -F
complete -c ipc -n "__fish_ipc_using_subcommand demo" -l slow -d 'Run slowly: you can watch, and kill workers to see that others finish their tiles'
complete -c ipc -n "__fish_ipc_using_subcommand demo" -s h -l help -d 'Print help'
complete -c ipc -n "__fish_ipc_using_subcommand demo" -s V -l version -d 'Print version'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "ls" -d 'List objects, and the processes that use them'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "show" -d 'Show details of an object, or the objects that a process uses'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "create" -d 'Create an object'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "rm" -d 'Remove objects'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "gc" -d 'Remove objects that processes left behind and that no process uses'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "chmod" -d 'Change the mode of an object'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "sem" -d 'Post and wait for semaphores, or run a command while holding a permit'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "mq" -d 'Send and receive messages'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "sig" -d 'Send and receive signals'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "array" -d 'Import, export, fill and view arrays'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "lock" -d 'Run a command while holding a lock'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "doctor" -d 'Check the limits and known problems of this machine'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "bench" -d 'Compare the speed of this toolkit with that of the C library, in ten seconds'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "demo" -d 'Watch several processes find the edges in a picture in shared memory'
complete -c ipc -n "__fish_ipc_using_subcommand help; and not __fish_seen_subcommand_from ls show create rm gc chmod sem mq sig array lock doctor bench demo help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from create" -f -a "shm" -d 'Shared memory filled with zeros'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from create" -f -a "sem" -d 'A named semaphore'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from create" -f -a "mq" -d 'A POSIX message queue'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from create" -f -a "array" -d 'An array filled with zeros'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from create" -f -a "segment" -d 'A System V segment filled with zeros; prints its id'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from create" -f -a "set" -d 'A System V semaphore set; prints its id'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from create" -f -a "queue" -d 'A System V message queue; prints its id'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from create" -f -a "fifo" -d 'A FIFO'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from sem" -f -a "post" -d 'Post permits'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from sem" -f -a "wait" -d 'Wait for a permit, and acquire it; exit code 1 after a timeout'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from sem" -f -a "try" -d 'Acquire a permit if one is free; exit code 1 otherwise'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from sem" -f -a "value" -d 'Print the value'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from sem" -f -a "run" -d 'Run a command while holding a permit'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from mq" -f -a "send" -d 'Send a message; exit code 1 if the queue is full until the timeout'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from mq" -f -a "recv" -d 'Receive a message and print it; exit code 1 after a timeout'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from mq" -f -a "peek" -d 'Print how many messages wait and their total size; no message is read'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from sig" -f -a "send" -d 'Send a signal to a process'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from sig" -f -a "wait" -d 'Wait for one of the given signals, and print it'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from sig" -f -a "watch" -d 'Print each of these signals when it arrives, until interrupted'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from array" -f -a "import" -d 'Create an array from a file: .npy, .png, .jpg or .csv'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from array" -f -a "export" -d 'Write an array to a file: .npy, .png or .csv'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from array" -f -a "fill" -d 'Set every element'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from array" -f -a "stat" -d 'Print type, shape and statistics'
complete -c ipc -n "__fish_ipc_using_subcommand help; and __fish_seen_subcommand_from array" -f -a "view" -d 'Print the array as a picture made of characters'
