// Terminals with something behind them: a folder, and runs that did their work.
import { afterEach, beforeEach } from 'vitest'
import type { RunStatus } from '../../src/domain/events/fields.ts'
import { openInstance } from '../services/test-instance.ts'
import { testFolder, type TestFolder } from '../test-folder.ts'
import { ADVISORIES, DIFF, emitSampleRun, RUN, sampleChange } from './samples.ts'
import { openTerminal, type Terminal, type TerminalOptions } from './terminal.ts'
import { makeDataFolder } from '../data-folder.ts'

/** The words that start a run of the sample task. */
export const START = ['run', 'fix-vulnerabilities', '--repo', 'storefront']

type Options = Partial<TerminalOptions>

export interface SampleTerminals {
  readonly folder: string
  open(options?: Options): Promise<Terminal>
  /** Its runs do their work, leave a change, and end so. */
  openWorking(status: RunStatus, options?: Options): Promise<Terminal>
  /** It has a finished run with a change. */
  openWithChange(options?: Options, fields?: Parameters<typeof sampleChange>[0]): Promise<Terminal>
}

/** A fresh data folder and fresh instances for each test of the file. */
export function sampleTerminals(): SampleTerminals {
  let folder: TestFolder
  let opened: AsyncDisposableStack
  beforeEach(async () => {
    folder = await testFolder()
    await makeDataFolder(folder.path)
    opened = new AsyncDisposableStack()
  })
  afterEach(async () => {
    await opened[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  async function open(options: Options = {}): Promise<Terminal> {
    const instance = options.instance ?? opened.use(await openInstance())
    return openTerminal({ dataFolder: folder.path, ...options, instance })
  }
  return {
    get folder() {
      return folder.path
    },
    open,
    async openWorking(status, options) {
      const terminal = await open(options)
      const { instance } = terminal
      instance.onQueued = async (run) => {
        await emitSampleRun(instance, run.id)
        await instance.addAdvisories(run.id, ADVISORIES)
        await instance.addChange(sampleChange({ run: run.id, requester: { id: 'user:bob' } }), DIFF)
        await instance.finish(run.id, status)
      }
      return terminal
    },
    async openWithChange(options, fields) {
      const terminal = await open(options)
      const { instance } = terminal
      await instance.addRun({
        id: RUN,
        status: 'succeeded',
        createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
        startedAt: 1000,
        finishedAt: 2500,
      })
      await emitSampleRun(instance, RUN)
      await instance.addChange(sampleChange(fields), DIFF)
      return terminal
    },
  }
}
