// The actions of an agent that neither a call nor a known habit explains. Ties count as unexplained.
import type { SaidDidStep } from '../../src/domain/said-did/types.ts'

/** One line per action. `own`: accesses that its own process may make besides, such as `read /path`. */
export function unexplained({ processes, files, requests }: SaidDidStep, own: readonly RegExp[]): string[] {
  const lines = [
    ...processes.map(({ argv, by }) => ({ by, line: argv.map(textOf).join(' ').slice(0, 300) })),
    ...files.flatMap(({ accesses, by }) => accesses.map(({ kind, path }) => ({ by, line: `${kind} ${textOf(path)}` }))),
    ...requests.map(({ what, by }) => ({ by, line: what })),
  ]
  return lines
    .filter(({ by, line }) => isOpen(by.class) && !(by.rule === 'none' && own.some((pattern) => pattern.test(line))))
    .map(({ by, line }) => `${by.class} ${by.rule}: ${line}`)
}

function isOpen(where: string): boolean {
  return where === 'unannounced' || where === 'tie'
}

function textOf(value: SaidDidStep['processes'][number]['executable']): string {
  return typeof value === 'string' ? value : value.base64
}
