// Builds an image that contains an agent, as a team would: the tests' image plus the result of `npm install -g`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../../src/sandbox/docker/engine.ts'
import { theEngine } from '../docker/docker-bench.ts'

export interface DerivedImage extends AsyncDisposable {
  docker: { image: string; socket: string }
}

/** `folder`: the folder with the agent's node_modules; `command`: the name of its program. */
export async function imageWith(folder: string, command: string): Promise<DerivedImage> {
  const { image, socket } = theEngine()
  const { client } = await openEngine(socket)
  const container = await client.createContainer({ Image: image, Cmd: ['/bin/true'] })
  const stage = await mkdtemp(join(tmpdir(), 'glovebox-image-with-'))
  try {
    const bin = join(stage, 'usr/local/bin')
    await mkdir(bin, { recursive: true })
    await symlink(`../lib/node_modules/.bin/${command}`, join(bin, command))
    const there = '--transform=s,^node_modules,usr/local/lib/node_modules,S'
    const argv = ['-c', there, '-C', stage, `usr/local/bin/${command}`, '-C', folder, 'node_modules']
    const tar = spawn('tar', argv, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(tar, 'close')
    await container.putArchive(tar.stdout, { path: '/' })
    const [code] = (await ended) as [number]
    if (code !== 0) throw new Error(`tar ended with ${code}`)
    const { Id: id } = (await container.commit({})) as { Id: string }
    return {
      docker: { image: id, socket },
      [Symbol.asyncDispose]: () => client.getImage(id).remove({ force: true }),
    }
  } finally {
    await container.remove({ force: true })
    await rm(stage, { recursive: true })
  }
}
