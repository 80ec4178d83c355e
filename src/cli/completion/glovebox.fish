# Completion of glovebox for fish:  glovebox completion fish > ~/.config/fish/completions/glovebox.fish
function __glovebox_complete
    set -l current (commandline -ct)
    for line in (@PROGRAM@ __complete (commandline -opc)[2..] "$current" 2>/dev/null)
        switch $line
            case ':files*'
                __fish_complete_path "$current"
            case ':folders*'
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete -c glovebox -f -a '(__glovebox_complete)'
