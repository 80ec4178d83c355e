// Attempts that send raw bytes to the gateway: a program for python3 inside, with programs/wire.py, modelwire.py
// and gitwire.py.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AttemptOutcome } from './attempt.ts'

const PROGRAMS = join(import.meta.dirname, 'programs')
const NETWORK = ['wire']
const MODELS = ['wire', 'modelwire']
const GIT = ['wire', 'gitwire']

/** Returns a script for /bin/sh. The program may use everything in wire.py. */
export function wireScript(program: string): string {
  return script(NETWORK, program)
}

/** The same with gitwire.py, in a clone of the run's repository. */
export function gitScript(program: string): string {
  return script(GIT, program)
}

/** The same with modelwire.py. */
export function modelScript(program: string): string {
  return script(MODELS, program)
}

function script(modules: readonly string[], program: string): string {
  const files = modules.map((name) =>
    here(`> /tmp/wire/${name}.py`, readFileSync(join(PROGRAMS, `${name}.py`), 'utf8')),
  )
  const imports = modules.map((name) => `from ${name} import *\n`).join('')
  return [
    'mkdir -p /tmp/wire\n',
    ...files.map((text) => `cat ${text}`),
    `PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/tmp/wire /usr/bin/python3 - ${here('', imports + program)}`,
  ].join('')
}

function here(target: string, text: string): string {
  return `${target} <<'END-OF-FILE'\n${text.trim()}\nEND-OF-FILE\n`
}

export interface Told {
  label: string
  /** Status of every answer on the connection, in order. */
  statuses: number[]
  text: string
}

/** The lines that the program reported, in order. A program without a report tried nothing, which fails. */
export function told(outcome: AttemptOutcome): Told[] {
  const lines = outcome.stdout.split('\n').filter((line) => line.startsWith('{"label"'))
  if (lines.length === 0)
    throw new Error(`nothing was tried: ${outcome.stdout.slice(-1000)} ${outcome.stderr.slice(-2000)}`)
  return lines.map((line) => JSON.parse(line) as Told)
}
