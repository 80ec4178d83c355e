# Completion of glovebox for bash 4.4 or later. In ~/.bashrc:  source <(glovebox completion bash)
_glovebox() {
  local word words=() current=${COMP_WORDS[COMP_CWORD]}
  # bash makes a word of its own of each `=`.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    [[ $word == = ]] || words+=("$word")
  done
  if [[ $current == = ]]; then
    current=''
    words+=('')
  fi
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    case $word in
      :files) compopt -o filenames 2>/dev/null; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current") ;;
      :folders) compopt -o filenames 2>/dev/null; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current") ;;
      *) COMPREPLY+=("$word") ;;
    esac
  done < <(@PROGRAM@ __complete "${words[@]}" 2>/dev/null)
}
complete -F _glovebox glovebox
