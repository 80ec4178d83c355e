// The kinds of sandbox that this machine can make, for suites that ask each of them the same questions.

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

export async function sandboxKinds(): Promise<readonly SandboxKindUnderTest[]> {
  return [BUBBLEWRAP]
}
