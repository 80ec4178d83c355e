// Colours for terminals. Untrusted text must pass printable() before it gets here.
import { styleText } from 'node:util'
import type { OutputStream } from '../cli-environment.ts'

type Paint = (text: string) => string

export interface Style {
  bold: Paint
  dim: Paint
  good: Paint
  bad: Paint
  warn: Paint
  accent: Paint
}

export function wantsColour(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}

/** The outcome of a step in its colour. */
export function paintOutcome(outcome: string, style: Style): string {
  if (outcome === 'succeeded') return style.good(outcome)
  return outcome === 'skipped' ? style.dim(outcome) : style.bad(outcome)
}

export function createStyle(colour: boolean): Style {
  function paint(format: Parameters<typeof styleText>[0]): Paint {
    return (text) => (colour && text !== '' ? styleText(format, text, { validateStream: false }) : text)
  }
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    good: paint('green'),
    bad: paint('red'),
    warn: paint('yellow'),
    accent: paint('cyan'),
  }
}
