// A reporter that ends `npm run test:agents` with one line per agent and protocol.
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { AGENT_PACKAGES, MISSING_PACKAGES } from './agent-packages.ts'

interface Line {
  agent: string
  version: string
  protocol: 'acp' | 'plain' | 'acp, in Docker'
  tests: TestCase[]
  /** Known before anything was tried. */
  reason: string | null
}

export class AgentTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const rows = linesOf(tests).map((line) => [line.agent, line.version, line.protocol, ...resultOf(line)])
    const table = [['agent', 'version', 'protocol', 'result', ''], ...rows]
    const widths = table[0]!.map((_, at) => Math.max(...table.map((row) => row[at]!.length)))
    const text = table.map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    console.log(`\n${text.join('\n')}`)
  }
}

function linesOf(tests: readonly TestCase[]): Line[] {
  const of = (name: string) => tests.filter(({ fullName }) => fullName.startsWith(`${name} `))
  const tried = AGENT_PACKAGES.flatMap(({ name, package: from, version }): Line[] => {
    const missing = of(name).filter(({ fullName }) => fullName === `${name} is installed`)
    const plain = missing.length > 0 ? missing : of(`${name}-plain`)
    const common = { agent: name, version: `${from}@${version}`, reason: null }
    return [
      { ...common, protocol: 'acp', tests: of(name) },
      { ...common, protocol: 'plain', tests: plain },
      { ...common, protocol: 'acp, in Docker', tests: missing.length > 0 ? missing : of(`${name}-in-docker`) },
    ]
  })
  const never = MISSING_PACKAGES.map(({ name, reason }): Line => ({
    agent: name,
    version: '-',
    protocol: 'acp',
    tests: [],
    reason,
  }))
  return [...tried, ...never]
}

function resultOf({ tests, reason }: Line): [string, string] {
  const results = tests.map((test) => test.result())
  const count = (state: string): number => results.filter((result) => result.state === state).length
  const [passed, failed] = [count('passed'), count('failed')]
  const why = reason ?? results.flatMap((result) => (result.state === 'skipped' ? (result.note ?? []) : []))[0] ?? ''
  if (failed > 0) return ['failed', `${failed} of ${passed + failed} tests`]
  if (passed > 0) return ['passed', `${passed} tests`]
  return ['skipped', why.replaceAll(/\s*\n\s*/g, '; ') || 'not asked for']
}
