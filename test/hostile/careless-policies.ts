// Policies of a careless operator: a task that reaches `anywhere` is stopped by walls, not by policy.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const FOLDER = 'careless-policies'
const POLICY = `@id("connect-anywhere")
permit (principal is Run, action == Action::"connect", resource is Host)
when { principal has reach && principal.reach.contains("anywhere") };
`

/** Returns a text for glovebox.yaml. */
export async function writeCarelessPolicies(data: string): Promise<string> {
  await mkdir(join(data, FOLDER), { mode: 0o700 })
  await writeFile(join(data, FOLDER, 'careless.cedar'), POLICY, { mode: 0o600 })
  return `policies: { folders: [${FOLDER}] }\n`
}
