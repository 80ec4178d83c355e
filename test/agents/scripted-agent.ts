// An agent that writes the Agent Client Protocol by hand, so that it can also violate it. Its argument selects the
// behaviour.
/* oxlint-disable unicorn/no-process-exit -- how a program ends is part of what it plays */
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

type Json = Record<string, unknown>
interface Message {
  id?: unknown
  method?: string
  params?: Json
  result?: Json
  error?: Json
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const raw = (bytes: string | Uint8Array): boolean => process.stdout.write(bytes)
const send = (message: unknown): boolean => raw(`${JSON.stringify(message)}\n`)
const reply = (id: unknown, result: unknown): boolean => send({ jsonrpc: '2.0', id, result })
const fail = (id: unknown, code: number, message: string): boolean =>
  send({ jsonrpc: '2.0', id, error: { code, message } })
const update = (fields: Json): boolean =>
  send({ jsonrpc: '2.0', method: 'session/update', params: { sessionId: 's1', update: fields } })
const say = (text: string): boolean => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } })

async function hear(): Promise<Message> {
  const { value, done } = await lines.next()
  if (done === true) process.exit(0)
  return JSON.parse(value as string) as Message
}

async function ask(id: unknown, method: string, params: Json): Promise<Message> {
  send({ jsonrpc: '2.0', id, method, params })
  for (;;) {
    const message = await hear()
    if (message.id === id && message.method === undefined) return message
    if (message.method === 'session/cancel') say('told to stop')
  }
}

const OPTIONS = [
  { optionId: 'always', name: 'Always', kind: 'allow_always' },
  { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
  { optionId: 'no', name: 'No', kind: 'reject_once' },
]
const SHELL = { toolCallId: 'c1', title: 'npm test', kind: 'execute', rawInput: { command: 'npm test' } }

async function openSession(session: Json = {}, initialize: Json = {}): Promise<unknown> {
  for (;;) {
    const { id, method } = await hear()
    if (method === 'initialize')
      reply(id, { protocolVersion: 1, agentInfo: { name: 'scripted', version: '1.2.3' }, ...initialize })
    else if (method === 'session/new') reply(id, { sessionId: 's1', ...session })
    else if (method === 'session/prompt') return id
    else reply(id, {})
  }
}

async function permission(toolCall: Json, options: unknown = OPTIONS): Promise<void> {
  const { result } = await ask('p1', 'session/request_permission', { sessionId: 's1', toolCall, options })
  say(`answered ${JSON.stringify(result?.['outcome'])}`)
}

const forever = async (): Promise<never> => {
  for (;;) await sleep(1_000_000)
}

/** Behaviours after session/prompt, before the end of the turn. */
const TURNS: Record<string, (id: unknown) => unknown> = {
  async well() {
    update({ sessionUpdate: 'available_commands_update', availableCommands: [] })
    update({ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: 'Let me ' } })
    update({ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: 'think.' } })
    for (const word of ['I ', 'run ', 'it.']) say(word)
    update({ sessionUpdate: 'plan', entries: [{ content: 'run the tests', status: 'pending', priority: 'high' }] })
    update({ sessionUpdate: 'tool_call', ...SHELL, rawInput: {}, status: 'pending' })
    update({ sessionUpdate: 'tool_call_update', ...SHELL, locations: [{ path: '/workspace/repo/a.js', line: 3 }] })
    await permission(SHELL)
    update({ sessionUpdate: 'tool_call_update', toolCallId: 'c1', status: 'in_progress' })
    update({ sessionUpdate: 'tool_call_update', toolCallId: 'c1', status: 'in_progress' })
    update({ sessionUpdate: 'tool_call_update', toolCallId: 'c1', status: 'completed', rawOutput: { exit: 0 } })
    say('Done.')
  },
  'update-only': () => update({ sessionUpdate: 'tool_call_update', ...SHELL, status: 'completed', rawOutput: 'ok' }),
  'twice-announced'() {
    update({ sessionUpdate: 'tool_call', ...SHELL, status: 'in_progress' })
    update({ sessionUpdate: 'tool_call', ...SHELL, status: 'in_progress' })
  },
  'asks-unannounced': () =>
    permission({ toolCallId: 'c9', title: 'rm a', kind: 'delete', locations: [{ path: '/a' }] }),
  'asks-only-always': () => permission(SHELL, [OPTIONS[0]]),
  'asks-too-much': () =>
    permission({
      toolCallId: 'c1',
      kind: 'delete',
      locations: Array.from({ length: 1001 }, (_, at) => ({ path: `/${at}` })),
    }),
  'asks-at-length': () => permission({ ...SHELL, rawInput: { command: `ls ${' '.repeat(9000)}; rm -rf /` } }),
  'asks-and-withdraws'() {
    send({
      jsonrpc: '2.0',
      id: 'w',
      method: 'session/request_permission',
      params: { toolCall: SHELL, options: OPTIONS },
    })
    send({ jsonrpc: '2.0', method: '$/cancel_request', params: { requestId: 'w' } })
  },
  async 'wants-services'() {
    const read = await ask('f1', 'fs/read_text_file', { sessionId: 's1', path: '/etc/passwd' })
    const run = await ask('f2', 'terminal/create', { sessionId: 's1', command: 'id' })
    say(`answered ${JSON.stringify([read.error?.['code'], run.error?.['code']])}`)
  },
  long: () => say('x'.repeat(20_000)),
  'unknown-notification'() {
    send({ jsonrpc: '2.0', method: '_auth/status', params: {} })
    update({ sessionUpdate: 'something_new', content: 1 })
    raw('\n  \r\n')
  },
  binary: () => raw(Uint8Array.from([0, 1, 2, 0xff, 0xfe, 10])),
  'no-json': () => raw('Tests are running ...\n'),
  'half-json': () => raw('{"jsonrpc":"2.0","method":"session/upd\n'),
  'no-version': () => send({ id: 77, method: 'fs/read_text_file' }),
  batch: () => send([{ jsonrpc: '2.0', method: 'x' }]),
  deep: () => raw(`{"jsonrpc":"2.0","method":"x","params":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`),
  'endless-line'() {
    const chunk = 'x'.repeat(1 << 16)
    const more = (): void => {
      while (process.stdout.write(chunk));
      process.stdout.once('drain', more)
    }
    more()
    return forever()
  },
  'answer-unasked': () => reply(4711, {}),
  'answer-twice'(id) {
    reply(id, { stopReason: 'end_turn' })
    reply(id, { stopReason: 'end_turn' })
    return forever()
  },
  async 'same-id-twice'() {
    for (let times = 0; times < 2; times++)
      send({
        jsonrpc: '2.0',
        id: 1,
        method: 'session/request_permission',
        params: { toolCall: SHELL, options: OPTIONS },
      })
    return forever()
  },
  'many-requests'() {
    for (let id = 0; id < 1000; id++)
      send({ jsonrpc: '2.0', id, method: 'session/request_permission', params: { toolCall: SHELL, options: OPTIONS } })
    return forever()
  },
  'many-calls'() {
    for (let id = 0; id < 200; id++) update({ sessionUpdate: 'tool_call', toolCallId: `c${id}`, title: 't' })
  },
  'many-messages'() {
    for (let times = 0; times < 5000; times++) send({ jsonrpc: '2.0', method: '_x' })
  },
  'many-facts'() {
    for (let times = 0; times < 300; times++) {
      const status = times % 2 === 0 ? 'in_progress' : 'pending'
      update({ sessionUpdate: 'tool_call_update', ...SHELL, status })
    }
  },
  'call-without-id': () => update({ sessionUpdate: 'tool_call', title: 'x' }),
  'closes-output'() {
    process.stdout.end()
    return forever()
  },
  exits: () => process.exit(3),
  'bad-stop'(id) {
    reply(id, { stopReason: 'because' })
    return forever()
  },
  'reports-error'(id) {
    send({
      jsonrpc: '2.0',
      id,
      error: { code: -32603, message: 'Internal error', data: { details: 'model said 401' } },
    })
    return forever()
  },
  'hears-no-cancel': forever,
  async 'stops-when-told'(id) {
    update({ sessionUpdate: 'tool_call', ...SHELL, status: 'in_progress' })
    while ((await hear()).method !== 'session/cancel');
    update({ sessionUpdate: 'tool_call_update', toolCallId: 'c1', status: 'failed' })
    reply(id, { stopReason: 'cancelled' })
  },
  async 'asks-when-told'() {
    await permission(SHELL)
    return forever()
  },
  async 'tells-late'(id) {
    update({ sessionUpdate: 'tool_call', ...SHELL, status: 'in_progress' })
    reply(id, { stopReason: 'end_turn' })
    update({ sessionUpdate: 'tool_call_update', toolCallId: 'c1', status: 'completed' })
  },
}

/** Behaviours that are wrong from the start. */
const STARTS: Record<string, () => unknown> = {
  silent: forever,
  async 'half-silent'() {
    const { id } = await hear()
    reply(id, { protocolVersion: 1 })
    return forever()
  },
  'exits-at-once'() {
    process.stderr.write('no such model\n')
    process.exit(7)
  },
  'is-not-there': () => process.exit(127),
  async greets() {
    raw('Welcome!\nLoading ...\n')
    reply(await openSession(), { stopReason: 'end_turn' })
  },
  async 'future-version'() {
    await openSession({}, { protocolVersion: 7 })
  },
  async 'no-session'() {
    await openSession({ sessionId: 5 })
  },
  async modes() {
    const modes = { currentModeId: 'auto', availableModes: [{ id: 'auto' }, { id: 'default' }] }
    reply(await openSession({ modes }), { stopReason: 'end_turn' })
  },
  async 'wants-sign-in'() {
    let signedIn = false
    for (;;) {
      const { id, method, params } = await hear()
      if (method === 'initialize')
        reply(id, {
          protocolVersion: 1,
          authMethods: [
            { id: 'browser', name: 'B' },
            { id: 'key', name: 'K' },
          ],
        })
      else if (method === 'authenticate') {
        signedIn = params?.['methodId'] === 'key'
        reply(id, {})
      } else if (method === 'session/new') {
        if (signedIn) reply(id, { sessionId: 's1' })
        else fail(id, -32000, 'Authentication required')
      } else reply(id, { stopReason: 'end_turn' })
    }
  },
}

const behaviour = process.argv[2] ?? 'well'
const start = STARTS[behaviour]
if (start !== undefined) await start()
else {
  const id = await openSession()
  await TURNS[behaviour]?.(id)
  reply(id, { stopReason: 'end_turn' })
}
for (;;) await hear()
