# Completion of glovebox for zsh. In ~/.zshrc, after compinit:  source <(glovebox completion zsh)
_glovebox() {
  local line value
  local -a found
  for line in "${(@f)$(@PROGRAM@ __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    value=${line%%$'\t'*}
    case $value in
      '') ;;
      :files) _files ;;
      :folders) _files -/ ;;
      *) found+=("${value//:/\\:}:${line#*$'\t'}") ;;
    esac
  done
  (( ${#found} )) && _describe glovebox found
}
compdef _glovebox glovebox
