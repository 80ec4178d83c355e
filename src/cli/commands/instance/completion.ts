// glovebox completion <shell>
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { PROJECT_FOLDERS } from '../../../config/project-folders.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { write } from '../../text/write.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

const SCRIPTS = join(import.meta.dirname, '../../completion')

const AFTER = `
bash:  add to ~/.bashrc:                  source <(glovebox completion bash)
zsh:   add to ~/.zshrc, after compinit:   source <(glovebox completion zsh)
fish:  glovebox completion fish > ~/.config/fish/completions/glovebox.fish

It completes commands, options and their values, tasks, and recent runs, changes and asks. It reads the data folder and
starts nothing.`

export function registerCompletion(registry: Registry, command: Command): void {
  addAction<[Shell]>(registry, command, async ([shell]) => {
    await write(registry.environment.stdout, completionScript(shell))
    return 0
  }).addHelpText('after', AFTER)
  command.registeredArguments[0]?.choices(SHELLS)
}

/**
 * It names this installation by its absolute path: a script that called the program at the prompt would run a stranger's
 * bin/glovebox at the press of a key.
 */
function completionScript(shell: Shell): string {
  const program = join(PROJECT_FOLDERS.root, 'bin/glovebox')
  const text = readFileSync(join(SCRIPTS, `glovebox.${shell}`), 'utf8')
  return text.replace('@PROGRAM@', () => (shell === 'fish' ? fishWord(program) : posixWord(program)))
}

function posixWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function fishWord(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`
}
