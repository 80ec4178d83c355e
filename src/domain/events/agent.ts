// What an agent said of itself, in the order it said it. `source` is `agent`: nobody else vouches for it. Decisions about
// its permission requests are the platform's.
import { z } from 'zod'
import { ByteText } from '../byte-text.ts'
import { Budget } from '../budget.ts'
import { Wire } from '../connections/model-connection.ts'
import { Count, Digest } from './fields.ts'

const Step = z.int().nonnegative().describe('index of the step')
const Call = z.string().max(200).describe("the agent's id of a tool call; unique in its session")

const AgentStarted = z
  .object({
    step: Step,
    agent: z.string().describe('name of the preset'),
    title: z.string().describe('as the agent calls itself'),
    version: z.string(),
    protocol: z.string().describe('`acp 1`, or `plain`'),
    session: z.string(),
    connection: z.string(),
    model: z.string(),
  })
  .describe('An agent was started and its session is open')

const AgentMessaged = z
  .object({
    step: Step,
    kind: z.enum(['message', 'thought']),
    text: ByteText.describe('the beginning, up to 8 KiB'),
    bytes: Count,
    blob: Digest.nullable().describe('the whole, where it is longer'),
  })
  .describe('The agent said something; the pieces of a stream are put together')

const AgentPlanned = z
  .object({
    step: Step,
    entries: z.array(z.object({ content: ByteText, status: z.string(), priority: z.string() })),
    omitted: Count,
  })
  .describe('The agent laid out or changed its plan')

const AgentToolCalled = z
  .object({
    step: Step,
    call: Call,
    title: ByteText,
    tool: z.string().describe('kind of the tool: read, edit, delete, move, search, execute, think, fetch or other'),
    paths: z.array(ByteText).describe('files that the agent says it works on'),
    omitted: Count.describe('paths that did not fit in here'),
    command: ByteText.nullable().describe('the command line that it says it runs; the beginning, up to 8 KiB'),
    input: Digest.nullable().describe('the input of the call, as JSON'),
  })
  .describe('The agent announced a tool call')

const AgentToolUpdated = z
  .object({
    step: Step,
    call: Call,
    status: z.enum(['pending', 'in_progress', 'completed', 'failed']),
    title: ByteText,
    tool: z.string(),
    paths: z.array(ByteText).describe('all that were named so far'),
    omitted: Count,
    command: ByteText.nullable(),
    input: Digest.nullable().describe('the input, where it was given or changed with this'),
    output: Digest.nullable().describe('what the agent says came of it, as JSON'),
  })
  .describe('The agent reported on a tool call; everything is as of then')

const AgentAsked = z
  .object({
    step: Step,
    ask: z.string().describe('id of the question in Glovebox'),
    call: Call,
    title: ByteText,
    tool: z.string(),
    paths: z.array(ByteText),
    omitted: Count,
    command: ByteText.nullable(),
    options: z.array(z.object({ id: z.string(), name: ByteText, kind: z.string() })),
  })
  .describe('The agent asked for permission')

const AgentRefused = z
  .object({ step: Step, method: z.string().describe('of the Agent Client Protocol, such as `fs/read_text_file`') })
  .describe('The agent asked for a service that is not offered to it, and was told so')

const AgentEnded = z
  .object({
    step: Step,
    outcome: z.enum(['end_turn', 'max_tokens', 'max_turn_requests', 'refusal', 'cancelled', 'failed']),
    message: z.string().nullable().describe('why it failed'),
    toolCalls: Count,
  })
  .describe("The agent's turn is over")

const PromptGiven = z
  .object({
    step: Step,
    agent: z.string().describe('name of the preset'),
    connection: z.string(),
    model: z.string(),
    wire: Wire,
    prompt: Digest.describe('the text, as the agent is given it'),
    bytes: Count,
    maxTurns: Count,
    budget: Budget,
  })
  .describe('What an agent is about to be asked, and with which model')

const AskOpened = z
  .object({ step: Step, ask: z.string(), deadline: z.int().describe('milliseconds since the epoch') })
  .describe('A permission request waits for a person')

const AskDecided = z
  .object({
    step: Step,
    ask: z.string(),
    outcome: z.enum(['allowed', 'denied']),
    by: z.enum(['policy', 'person', 'deadline', 'end']).describe('end: the run ended before anybody answered'),
    reasons: z.array(z.string()).describe('ids of the policies that decided'),
    note: z.string().nullable(),
  })
  .describe('A permission request was decided')

/** Said by the agent. */
export const AGENT_EVENTS = {
  'agent.started': AgentStarted,
  'agent.messaged': AgentMessaged,
  'agent.planned': AgentPlanned,
  'agent.tool-called': AgentToolCalled,
  'agent.tool-updated': AgentToolUpdated,
  'agent.asked': AgentAsked,
  'agent.refused': AgentRefused,
  'agent.ended': AgentEnded,
} as const

/** What the platform gave to the agent, and decided about what it asked. */
export const ASK_EVENTS = { 'prompt.given': PromptGiven, 'ask.opened': AskOpened, 'ask.decided': AskDecided } as const
