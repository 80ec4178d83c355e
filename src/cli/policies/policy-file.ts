// Writes a policy file into the operator's folder of policies, and names that folder in glovebox.yaml if no folder is named.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isMap, parseDocument } from 'yaml'
import { UsageError } from '../cli-error.ts'

const FOLDER = 'policies'

export interface PolicyFilePlan {
  file: string
  /** The new text of glovebox.yaml; null if it names a folder already. */
  configuration: string | null
}

/** `folders`: those that the configuration names, as absolute paths. */
export async function planPolicyFile(
  id: string,
  { configFile, folders }: { configFile: string; folders: readonly string[] },
): Promise<PolicyFilePlan> {
  const [first] = folders
  if (first !== undefined) return { file: join(first, `${id}.cedar`), configuration: null }
  const text = await readFile(configFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const document = parseDocument(text)
  if (document.contents !== null && !isMap(document.contents)) throw new UsageError(`${configFile} has no fields`)
  document.setIn(['policies', 'folders'], [FOLDER])
  return { file: join(dirname(configFile), FOLDER, `${id}.cedar`), configuration: String(document) }
}

/** The policy first: a configuration that names a folder without it stays valid, a missing folder stops the start. */
export async function writePolicyFile(
  { file, configuration }: PolicyFilePlan,
  text: string,
  configFile: string,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeWhole(file, text)
  if (configuration !== null) await writeWhole(configFile, configuration)
}

/** A reader finds the old text or the new one. */
async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.new`
  try {
    await using opened = await open(draft, 'wx', 0o600)
    await opened.writeFile(text)
    await opened.sync()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(draft, { force: true })
    throw error
  }
  await rename(draft, file)
}
