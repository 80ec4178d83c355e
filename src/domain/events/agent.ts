// Events of an agent's own statements, in order. Their `source` is `agent`: nobody else attests them. The platform
// attests the decisions on the agent's permission requests.
import { z } from 'zod'
import { Budget } from '../budget.ts'
import { Wire } from '../connections/model-connection.ts'
import { ByteText, Count, Digest } from './fields.ts'

const Step = z.int().nonnegative().describe('index of the step')
const Call = z.string().max(200).describe("the agent's id of a tool call; unique in its session")

const AgentStarted = z
  .object({
    step: Step,
    agent: z.string().describe('name of the preset'),
    title: z.string().describe('the name that the agent reports'),
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
    blob: Digest.nullable().describe('the whole text, if it is longer'),
  })
  .describe('The agent sent a message or a thought; the pieces of a stream are joined')

const AgentPlanned = z
  .object({
    step: Step,
    entries: z.array(z.object({ content: ByteText, status: z.string(), priority: z.string() })),
    omitted: Count,
  })
  .describe('The agent reported or changed its plan')

const AgentToolCalled = z
  .object({
    step: Step,
    call: Call,
    title: ByteText,
    tool: z.string().describe('kind of the tool: read, edit, delete, move, search, execute, think, fetch or other'),
    paths: z.array(ByteText).describe('files that the agent says it works on'),
    omitted: Count.describe('number of paths that are not listed'),
    command: ByteText.nullable().describe('the command line that the agent says it runs; the beginning, up to 8 KiB'),
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
    paths: z.array(ByteText).describe('all paths named so far'),
    omitted: Count,
    command: ByteText.nullable(),
    input: Digest.nullable().describe('the input, if this update gave or changed it'),
    output: Digest.nullable().describe('the output that the agent reports, as JSON'),
  })
  .describe('The agent updated a tool call; the fields show the state after the update')

const AgentAsked = z
  .object({
    step: Step,
    ask: z.string().describe('id of the permission request in Glovebox'),
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
  .object({
    step: Step,
    method: z.string().describe('method of the Agent Client Protocol, such as `fs/read_text_file`'),
  })
  .describe('The agent called a method that is not offered to it, and was refused')

const AgentEnded = z
  .object({
    step: Step,
    outcome: z.enum(['end_turn', 'max_tokens', 'max_turn_requests', 'refusal', 'cancelled', 'failed']),
    message: z.string().nullable().describe('the reason of the failure'),
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
    prompt: Digest.describe('blob: the text that the agent gets'),
    bytes: Count,
    maxTurns: Count,
    budget: Budget,
  })
  .describe('An agent is about to get a prompt, with this model')

const AskOpened = z
  .object({ step: Step, ask: z.string(), deadline: z.int().describe('milliseconds since the epoch') })
  .describe('A permission request waits for a person')

const AskDecided = z
  .object({
    step: Step,
    ask: z.string(),
    outcome: z.enum(['allowed', 'denied']),
    by: z
      .enum(['policy', 'person', 'deadline', 'end'])
      .describe('what decided; end: the run ended before a person answered'),
    reasons: z.array(z.string()).describe('ids of the policies that decided'),
    note: z.string().nullable(),
  })
  .describe('A permission request was decided')

/** Statements of the agent. */
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

/** The platform's prompts to agents and its decisions on their requests. */
export const ASK_EVENTS = { 'prompt.given': PromptGiven, 'ask.opened': AskOpened, 'ask.decided': AskDecided } as const
