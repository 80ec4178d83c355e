// Terminals with something behind them: a folder, and runs that did their work.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { ADVISORIES, DIFF, emitSampleRun, RUN, sampleChange } from './samples.ts'
import { openTerminal, type Terminal, type TerminalOptions } from './terminal.ts'

/** The words that start a run of the sample task. */
export const START = ['run', 'fix-vulnerabilities', '--repo', 'storefront']

type Options = Partial<TerminalOptions>

export interface SampleTerminals {
  readonly folder: string
  open(options?: Options): Terminal
  /** Its runs do their work, leave a change, and end so. */
  openWorking(status: 'succeeded' | 'failed' | 'refused' | 'error', options?: Options): Terminal
  /** It has a finished run with a change. */
  openWithChange(options?: Options, fields?: Parameters<typeof sampleChange>[0]): Terminal
}

/** A fresh data folder for each test of the file. */
export function sampleTerminals(): SampleTerminals {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'glovebox-cli-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  function open(options: Options = {}): Terminal {
    return openTerminal({ dataFolder: folder, ...options })
  }
  return {
    get folder() {
      return folder
    },
    open,
    openWorking(status, options) {
      const terminal = open(options)
      const { services } = terminal
      services.advisories = ADVISORIES
      services.onStart = (run) => {
        emitSampleRun(services, run.id)
        services.addChange(sampleChange({ run: run.id }), DIFF)
        services.finish(run.id, status)
      }
      return terminal
    },
    openWithChange(options, fields) {
      const terminal = open(options)
      terminal.services.addRun({ id: RUN, status: 'succeeded', startedAt: 1000, finishedAt: 2500 })
      emitSampleRun(terminal.services, RUN)
      terminal.services.addChange(sampleChange(fields), DIFF)
      return terminal
    },
  }
}
