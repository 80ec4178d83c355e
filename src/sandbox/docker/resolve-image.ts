import { z } from 'zod'
import { SandboxError } from '../types.ts'
import type { Engine } from './engine.ts'
import { ask, statusOfError } from './engine.ts'

export interface Image {
  /** Digest of its configuration, which names every layer by digest: `sha256:...`. */
  id: string
  /** Names of the variables that the image sets in every process. */
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

/** Node's architecture names to Go's (GOARCH), which images use. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * Resolves the configured name to an image digest. From here on only the digest is used, so a tag that moves meanwhile
 * changes nothing. Glovebox never pulls an image: only images that the operator installed can run.
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
      `it declares volumes (${volumes.join(', ')}): folders that no limit counts and that outlive a run`,
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
      `the Docker engine has no image ${name}, and Glovebox never pulls images: \`docker pull\` it or build it (deploy/images/)`,
      { cause: error },
    )
  }
}

function unusable(name: string, why: string): SandboxError {
  return new SandboxError('image-unusable', `the image ${name} can't be used: ${why}`)
}
