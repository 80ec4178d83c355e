// A task that asks an agent to make a test pass, and the script of a model that does it.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { formsOf } from '../credentials/find-secret.ts'
import { PROJECT } from '../main-job/glovebox.ts'
import type { ScriptSource } from '../scripted-model/script.ts'

const FIX = join(PROJECT, 'test/scripted-model/scripts/fix-leap-year.json')

/** Inserts turns before the last turn of a script. */
export function fixLeapYear(...more: ScriptSource['turns']): ScriptSource {
  const script = JSON.parse(readFileSync(FIX, 'utf8')) as ScriptSource
  return { ...script, turns: [...script.turns.slice(0, -1), ...more, script.turns.at(-1)!] }
}

export const TASK = 'fix-tests'
export const AGENT_STEP = 'make the tests pass'
const TASK_FILE = `.glovebox/tasks/${TASK}.yaml`

/** The task file of a team; `step` overrides fields of the agent step. */
export function repairTask(step: object = {}, more: object = {}): Record<string, string> {
  const task = {
    name: TASK,
    description: 'Have an agent make the tests pass',
    mode: 'write',
    checks: ['tests'],
    limits: { 'wall-minutes': 3 },
    steps: [
      { name: 'tests', run: 'node --test' },
      {
        name: AGENT_STEP,
        agent: 'default',
        repairs: 'tests',
        'max-turns': 20,
        prompt: 'Working directory: /workspace/repo\nMake the failing test pass without changing it.',
        ...step,
      },
    ],
    change: { title: 'Make the tests pass' },
    ...more,
  }
  return { [TASK_FILE]: stringify(task) }
}

/**
 * A control text in a file, in the environment and in the arguments, which proves that the search finds texts there.
 */
export const PLANTED = `planted-${randomBytes(12).toString('hex')}`
export const PLANTED_FILE = '/workspace/planted'
const PROGRAM = 'tools/look-for.mjs'
export const LOOK_FOR = { [PROGRAM]: readFileSync(join(import.meta.dirname, 'look-for.mjs'), 'utf8') }

/** A command for the agent that searches everything it can read for the key. The results are artifacts of the run. */
export function lookFor(key: string, since: number): string {
  const needles = [PLANTED, ...formsOf(key).map(([, text]) => text)].map(disguised)
  const look = `node ${PROGRAM} ${since} ${needles.join(' ')} ${PLANTED} > /tmp/artifacts/found.json`
  return `printf %s ${PLANTED} > ${PLANTED_FILE}; PLANTED=${PLANTED} ${look}`
}

function disguised(text: string): string {
  return Buffer.from(Buffer.from(text).map((byte) => byte ^ 0x5a)).toString('hex')
}

/** A model that never finishes. */
export const ENDLESS: ScriptSource = {
  name: 'endless',
  afterwards: 'repeat',
  turns: [{ say: 'Once more.', calls: [{ tool: 'run', command: 'node --version' }] }],
}
