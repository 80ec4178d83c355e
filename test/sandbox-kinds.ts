// The kinds of sandbox that this machine can be tested with.

export interface SandboxKindUnderTest {
  kind: string
  /** Text of the `glovebox.yaml` that chooses it. */
  configuration: string
}

export async function kindsUnderTest(): Promise<readonly SandboxKindUnderTest[]> {
  return [{ kind: 'bubblewrap', configuration: 'sandbox: { kind: bubblewrap }\n' }]
}
