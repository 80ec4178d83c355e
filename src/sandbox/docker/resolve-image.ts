import { z } from 'zod'
import { SandboxError } from '../types.ts'
import type { Engine } from './engine.ts'
import { ask, statusOfError } from './engine.ts'

export interface Image {
  /** Digest of its configuration, which names every layer by digest: `sha256:...`. */
  id: string
  /** Names of the variables that it would put into every process. */
  variables: readonly string[]
}

const Inspected = z.object({
  Id: z.string().regex(/^(sha256:)?[0-9a-f]{64}$/),
  Os: z.string(),
  Architecture: z.string(),
  Config: z
    .object({
      Env: z.array(z.string()).nullish(),
      Volumes: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
})

/** As Go names them, see GOARCH. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * What the configured name means right now: from here on only the digest is used, so that a tag that moves meanwhile
 * changes nothing. Nothing is ever pulled: what runs is what the operator put there.
 */
export async function resolveImage(engine: Engine, name: string): Promise<Image> {
  const image = Inspected.parse(await ask(engine, () => engine.client.getImage(name).inspect()).catch(missingOr(name)))
  const architecture = ARCHITECTURES[process.arch] ?? process.arch
  if (image.Os !== 'linux' || image.Architecture !== architecture)
    throw unusable(name, `it is for ${image.Os}/${image.Architecture}, this machine for linux/${architecture}`)
  const volumes = Object.keys(image.Config?.Volumes ?? {})
  if (volumes.length > 0)
    throw unusable(
      name,
      `it declares volumes (${volumes.join(', ')}): places that no limit counts and that outlive a run`,
    )
  return {
    id: image.Id.startsWith('sha256:') ? image.Id : `sha256:${image.Id}`,
    variables: (image.Config?.Env ?? []).map((entry) => entry.split('=')[0] ?? '').filter((entry) => entry !== ''),
  }
}

function missingOr(name: string) {
  return (error: unknown): never => {
    if (statusOfError(error) !== 404) throw error
    throw new SandboxError(
      'image-unusable',
      `the Docker engine has no image ${name}, and Glovebox pulls none: \`docker pull\` or build it (deploy/images/)`,
      { cause: error },
    )
  }
}

function unusable(name: string, why: string): SandboxError {
  return new SandboxError('image-unusable', `the image ${name} can't be used: ${why}`)
}
