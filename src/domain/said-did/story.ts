// Builds the events of a run by hand, for tests: an agent in step 1, with events of the kernel and the gateway.
import type { Event, EventBody, EventKind } from '../event.ts'

export const AGENT = 10

export interface Story {
  readonly events: Event[]
  add<K extends EventKind>(kind: K, body: EventBody<K>): number
  /** Starts the step and the agent's process; `session` follows. */
  begin(): Story
  session(protocol?: string): Story
  call(id: string, tool: string, said?: { command?: string; paths?: string[]; title?: string }): Story
  done(id: string, status?: 'completed' | 'failed'): Story
  asked(id: string, said?: { command?: string; paths?: string[]; tool?: string }): Story
  decided(id: string, outcome: 'allowed' | 'denied'): Story
  starts(pid: number, parent: number, ...argv: string[]): Story
  fork(pid: number, parent: number, ...argv: string[]): Story
  exit(pid: number): Story
  files(pid: number, body: Partial<EventBody<'file.accessed'>>): Story
  request(url: string): Story
  connect(pid: number, address: string): Story
  model(): Story
  end(): Story
}

export function story(): Story {
  const events: Event[] = []
  function add<K extends EventKind>(kind: K, body: EventBody<K>): number {
    const seq = events.length + 1
    events.push({
      id: String(seq),
      run: 'r',
      seq,
      time: seq,
      source: 'platform',
      actor: { id: 'run:r' },
      kind,
      body,
    } as unknown as Event)
    return seq
  }
  function started(pid: number, parent: number, origin: 'exec' | 'fork', argv: string[]): void {
    const executable = argv[0]?.startsWith('/') === true ? argv[0] : `/usr/bin/${argv[0]}`
    const rest = { argvOmitted: 0, cwd: '/workspace/repo', executable, executableDigest: null }
    add('process.started', { pid, parent, step: 1, origin, argv, ...rest })
  }
  const announced = (said: { command?: string; paths?: string[] } = {}) => ({
    command: said.command ?? null,
    paths: said.paths ?? [],
  })
  const told: Story = {
    events,
    add,
    begin() {
      add('step.started', {
        step: 1,
        name: 'fix',
        argv: ['agent'],
        argvOmitted: 0,
        workingDirectory: '/workspace/repo',
      })
      return told.starts(AGENT, 1, 'node', '/agent/cli.js')
    },
    session(protocol = 'acp 1') {
      const known = { title: 'A', version: '1', protocol, session: 's', connection: 'main', model: 'm' }
      add('agent.started', { step: 1, agent: 'claude-code', ...known })
      return told
    },
    call(id, tool, said) {
      const title = said?.title ?? id
      add('agent.tool-called', { step: 1, call: id, title, tool, input: null, omitted: 0, ...announced(said) })
      return told
    },
    done(id, status = 'completed') {
      const known = { title: id, tool: 'other', paths: [], omitted: 0, command: null, input: null, output: null }
      add('agent.tool-updated', { step: 1, call: id, status, ...known })
      return told
    },
    asked(id, said) {
      const tool = said?.tool ?? 'execute'
      add('agent.asked', {
        step: 1,
        ask: `ask-${id}`,
        call: id,
        title: id,
        tool,
        options: [],
        omitted: 0,
        ...announced(said),
      })
      return told
    },
    decided(id, outcome) {
      add('ask.decided', { step: 1, ask: `ask-${id}`, outcome, by: 'person', reasons: [], note: null })
      return told
    },
    starts(pid, parent, ...argv) {
      started(pid, parent, 'exec', argv)
      return told
    },
    fork(pid, parent, ...argv) {
      started(pid, parent, 'fork', argv)
      return told
    },
    exit(pid) {
      add('process.exited', { pid, code: 0, signal: null, wallMs: 1, cpuMs: 1, maxRssBytes: 1 })
      return told
    },
    files(pid, body) {
      const none = { read: [], written: [], created: [], removed: [], renamed: [], attempted: [], omitted: 0 }
      add('file.accessed', { pid, ...none, ...body })
      return told
    },
    request(url) {
      const decision = { allowed: false, reasons: [] }
      const sizes = { status: 403, requestBytes: 0, responseBytes: 0 }
      add('net.requested', { method: 'GET', url, service: 'egress', ...sizes, decision })
      return told
    },
    connect(pid, address) {
      add('net.attempted', { pid, family: 'inet', address, port: 8118, times: 1 })
      return told
    },
    model() {
      const usage = { inputTokens: 1, outputTokens: 1, cachedTokens: null, cacheWriteTokens: null, costMicros: null }
      const bodies = { request: null, response: null, chunks: null, replaced: 0, note: null }
      const call = { call: 'c', countedTokens: 2, estimated: false }
      add('model.called', {
        ...call,
        connection: 'main',
        model: 'm',
        wire: 'anthropic-messages',
        method: 'POST',
        path: '/v1/messages',
        status: 200,
        outcome: 'answered',
        refusal: null,
        currency: 'USD',
        stopReason: 'tool_use',
        tools: [],
        firstByteMs: 1,
        wallMs: 1,
        decision: { allowed: true, reasons: [] },
        ...usage,
        ...bodies,
      })
      return told
    },
    end() {
      add('agent.ended', { step: 1, outcome: 'end_turn', message: null, toolCalls: 0 })
      told.exit(AGENT)
      const output = {
        stdout: null,
        stderr: null,
        stdoutBytes: 0,
        stderrBytes: 0,
        outputOmitted: 0,
        stdoutCut: null,
        stderrCut: null,
      }
      add('step.finished', { step: 1, name: 'fix', outcome: 'succeeded', code: 0, signal: null, wallMs: 1, ...output })
      return told
    },
  }
  return told
}
