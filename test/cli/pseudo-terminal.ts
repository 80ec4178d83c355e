// Runs a program on a pseudo-terminal and answers its prompts, as a person would.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Waits for each prompt in the output before it types the answer; at the end it waits for the program. */
const SCRIPT = `
import json, os, pty, select, sys, time
argv, dialogue = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
seen, searched, limit = b'', 0, time.monotonic() + 120
def read():
    global seen
    if time.monotonic() > limit:
        sys.exit('no answer for two minutes; seen so far: ' + seen.decode(errors='replace'))
    if not select.select([terminal], [], [], 1)[0]:
        return True
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        return False
    seen += chunk
    return chunk != b''
for prompt, answer in dialogue:
    while seen.find(prompt.encode(), searched) < 0:
        if not read():
            break
    searched = len(seen)
    os.write(terminal, answer.encode())
while read():
    pass
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps([status, seen.decode(errors='replace')]))
`

export interface PseudoTerminalOptions {
  cwd: string
  env: Record<string, string>
  /** Pairs of a text that the program prints, and what is then typed, with its line break. */
  dialogue: readonly (readonly [prompt: string, answer: string])[]
}

/** `status` is negative if a signal ended the program. */
export async function onPseudoTerminal(
  argv: readonly string[],
  { cwd, env, dialogue }: PseudoTerminalOptions,
): Promise<{ status: number; screen: string }> {
  const { stdout } = await promisify(execFile)('python3', ['-c', SCRIPT, JSON.stringify([argv, dialogue])], {
    cwd,
    env,
  })
  const [status, screen] = JSON.parse(stdout) as [number, string]
  return { status, screen: screen.replaceAll('\r\n', '\n') }
}
