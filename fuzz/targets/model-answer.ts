// A provider's streamed answer, in two pieces: what is read of it must not depend on where it was cut, must fit on the
// record, and a secret must not get through.
import { createHash } from 'node:crypto'
import { EVENT_BODIES } from '../../src/domain/event.ts'
import { Wire } from '../../src/domain/connections/model-connection.ts'
import { noFacts, type AnswerFacts } from '../../src/gateway/model/answer/answer-facts.ts'
import { countCall } from '../../src/gateway/model/budget/count-call.ts'
import { calledBody, type CallHead } from '../../src/gateway/model/model-record.ts'
import { READERS } from '../../src/gateway/model/answer/read-answer.ts'
import { createSecretFilter, needlesOf } from '../../src/gateway/model/answer/secret-filter.ts'
import { createEventStreamReader, type ServerSentEvent } from '../../src/gateway/model/answer/server-sent-events.ts'
import { isObject, type Json } from '../../src/gateway/model/request/strict-json.ts'
import { must, mustEqual, type Target } from '../target.ts'

const KEY = 'sk-k/e+y~8'
const NEEDLES = needlesOf([{ reveal: () => KEY, toString: () => '', toJSON: () => '' }])
const HEAD: CallHead = {
  call: 'c',
  connection: 'main',
  currency: 'USD',
  model: 'good',
  wire: null,
  method: 'POST',
  path: '/',
  request: null,
  decision: { allowed: true, reasons: [] },
}
const ASKED = {
  ...{ model: 'good', inputEstimate: 1, maxOutput: null, passes: 1, cachedForHour: true },
  times: new Map([['service_tier=priority', 2]]),
}
const PRICED = { prices: { good: { input: 1, output: 1 } } }
const OUTCOME = {
  status: 200,
  outcome: 'answered',
  refusal: null,
  firstByteMs: null,
  wallMs: 0,
  response: null,
  chunks: null,
  replaced: 0,
  note: null,
} as const

/** The first byte: which wire; the second: where it is cut. */
function run(input: Uint8Array): string {
  const wire = Wire.options[(input[0] ?? 0) % Wire.options.length] as Wire
  const bytes = Buffer.from(input.subarray(2))
  const at = bytes.length === 0 ? 0 : (input[1] ?? 0) % (bytes.length + 1)
  const events = readIn([bytes])
  mustEqual(readIn([bytes.subarray(0, at), bytes.subarray(at)]), events, 'events of a stream that was cut')
  mustEqual(events, literally(bytes), 'events as the standard has them')
  const facts = factsOf(wire, events)
  const called = calledBody(
    HEAD,
    facts,
    countCall({ kind: 'call', wire }, facts, ASKED, { connection: PRICED, end: 'whole' }),
    OUTCOME,
  )
  must(EVENT_BODIES['model.called'].safeParse(called).success, () => `no event: ${JSON.stringify(called)}`)
  must(
    JSON.stringify(called).isWellFormed() && JSON.stringify(called).length < 60_000,
    () => 'too large for the record',
  )
  checkFilter(bytes, at)
  return `taken: ${wire} ${Math.min(events.length, 3)} ${facts.ended} ${facts.input !== null} ${facts.tools.length > 0} ${facts.problem !== null}`
}

function readIn(pieces: readonly Buffer[]): ServerSentEvent[] {
  const reader = createEventStreamReader()
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
}

/** HTML, section 9.2.6, but for the last event, which clients take without its blank line. */
function literally(bytes: Buffer): ServerSentEvent[] {
  const events: ServerSentEvent[] = []
  let [event, data] = ['', null as string | null]
  for (const line of [...new TextDecoder().decode(bytes).split(/\r\n|\n|\r/), '']) {
    const [, name = line, value = ''] = /^([^:]*):? ?([^]*)$/.exec(line) ?? []
    if (line === '') {
      if (data !== null) events.push({ event, data })
      event = ''
      data = null
    } else if (name === 'event') event = value
    else if (name === 'data') data = data === null ? value : `${data}\n${value}`
  }
  return events
}

function factsOf(wire: Wire, events: readonly ServerSentEvent[]): AnswerFacts {
  const facts = noFacts()
  for (const { data } of events) {
    let json: Json
    try {
      json = JSON.parse(data) as Json
    } catch {
      continue
    }
    if (!isObject(json)) continue
    READERS[wire].event(facts, json)
    READERS[wire].whole(noFacts(), json)
  }
  return facts
}

function checkFilter(bytes: Buffer, at: number): void {
  const scrub = (pieces: readonly Buffer[]): Buffer => {
    const filter = createSecretFilter(NEEDLES)
    return Buffer.concat([...pieces.map((piece) => filter.push(piece)), filter.end()])
  }
  const before = createHash('sha256').update(bytes).digest('hex')
  const whole = scrub([bytes])
  mustEqual(createHash('sha256').update(bytes).digest('hex'), before, 'bytes that belong to others')
  mustEqual(whole.length, bytes.length, 'length')
  must(!NEEDLES.some((needle) => whole.includes(needle)), () => 'a secret got through')
  const pieces = scrub([bytes.subarray(0, at), bytes.subarray(at)])
  must(!NEEDLES.some((needle) => pieces.includes(needle)), () => 'a secret got through that was cut')
}

const seed = (wire: number, text: string): Uint8Array => Buffer.concat([Buffer.of(wire, 9), Buffer.from(text)])

export const target: Target = {
  name: 'model-answer',
  covers: [
    'src/gateway/model/answer/server-sent-events.ts',
    'src/gateway/model/answer/read-answer.ts',
    'src/gateway/model/answer/answer-facts.ts',
    'src/gateway/model/answer/secret-filter.ts',
    'src/gateway/model/budget/count-call.ts',
  ],
  dictionary: [
    ...[
      'data: ',
      'event: ',
      '\n\n',
      '\r\n',
      '\r',
      ': ',
      'data:{',
      '[DONE]',
      '}',
      '"usage":{',
      '"input_tokens":',
      '1e400',
    ],
    ...['"type":"message_start"', '"type":"message_delta"', '"type":"error"', '"finish_reason":"stop"', '"choices":[{'],
    ...[
      '"type":"response.completed","response":{',
      '"usageMetadata":{"promptTokenCount":5}',
      '"candidates":[{',
      '"\\ud800"',
    ],
    ...[
      '"functionCall":{"name":"x"}',
      '"tool_calls":[{"function":{"name":"x"}}]',
      '"content":{"parts":[',
      '-1',
      'null',
    ],
    ...[
      KEY,
      'sk-k',
      encodeURIComponent(KEY),
      Buffer.from(KEY).toString('base64'),
      Buffer.from(`x${KEY}`).toString('base64'),
    ],
    ...['\ufeff', '\u00e9', 'retry: 1', 'id', 'data'],
  ],
  maxBytes: 2048,
  seeds: () => [
    seed(
      0,
      'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}}\n\nevent: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
    ),
    seed(0, 'data: {"type":"content_block_start","content_block":{"type":"tool_use","name":"x"}}\n\n'),
    seed(0, 'data: {"type":"error","error":{"type":"overloaded_error"}}\r\n\r\n'),
    seed(1, 'data: {"type":"response.output_item.done","item":{"type":"function_call","name":"x"}}\n\n'),
    seed(1, 'data: {"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":5}}}\n\n'),
    seed(2, 'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'),
    seed(2, 'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}\n\n'),
    seed(3, 'data: {"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}\r\n\r\n'),
    seed(
      3,
      `data: {"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":7}}\n\n: ${KEY} ${Buffer.from(KEY).toString('base64')}`,
    ),
  ],
  run,
}
