// The kinds of sandbox that this machine can make, for suites that ask each of them the same questions.
import { openTestEngine } from './docker/engine.ts'

export interface SandboxKindUnderTest {
  /** As `--sandbox` and the record name it. */
  kind: string
  /** YAML, the lines below `sandbox:` in glovebox.yaml, without indentation. */
  configuration: string
}

const BUBBLEWRAP: SandboxKindUnderTest = { kind: 'bubblewrap', configuration: 'kind: bubblewrap\n' }

/** Its part of glovebox.yaml. */
export function sandboxSection({ configuration }: SandboxKindUnderTest): string {
  const lines = configuration.trimEnd().split('\n')
  return `sandbox:\n${lines.map((line) => `  ${line}\n`).join('')}`
}

/** Call it at the top of a test file: `describe.each(await sandboxKinds())`. What is left out is said on standard error. */
export async function sandboxKinds(): Promise<readonly SandboxKindUnderTest[]> {
  const engine = await openTestEngine()
  if (typeof engine === 'string') {
    process.stderr.write(`tests leave out the sandbox kind docker: ${engine}\n`)
    return [BUBBLEWRAP]
  }
  return [
    BUBBLEWRAP,
    { kind: 'docker', configuration: `kind: docker\nimage: ${engine.image}\nsocket: ${engine.socket}\n` },
  ]
}
