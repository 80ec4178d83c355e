// What an agent said beside what the kernel and the gateway saw, for each agent step of a run. The rules are explained in
// docs/said-against-did.md; each row names the one that put it where it is.
import { z } from 'zod'
import { ByteText } from '../byte-text.ts'
import { Count } from '../events/fields.ts'

export const RULES = {
  start: "before the agent's session was open",
  model: 'a call of a model',
  'own-files': "the agent's own process, outside the workspace",
  habit: 'what the agent is known to do of its own accord, word for word',
  'own-connect': "the agent's own process, to the gateway",
  command: 'the program is the announced command, or a shell that was given exactly it',
  script: 'a shell was given a script that the announced command is a part of',
  under: 'a descendant of such a program',
  path: "on a path that the call announced, by the agent's own process or one that nothing announced",
  late: "the agent's own process, on a path that a call announced only afterwards",
  reader: 'a program that did nothing in the workspace but look at what the call announced',
  process: 'goes where its process goes',
  parent: 'goes where its parent goes; no window is open',
  window: 'in the window of the one call that could have done it',
  windows: 'in the windows of several calls that could have done it',
  opening: 'recorded between the last mark and the announcement: before it, or already it',
  'or-window': 'its process belongs to one, the window to another',
  alive: 'so many had a process that could have sent it',
  none: 'nothing announced it',
} as const
export type Rule = keyof typeof RULES
const Rule = z.enum(Object.keys(RULES) as [Rule, ...Rule[]])

export const CLASSES = ['start', 'upkeep', 'call', 'tie', 'unannounced'] as const
export type Class = (typeof CLASSES)[number]

export const Attribution = z.object({
  class: z.enum(CLASSES),
  calls: z.array(Count).describe('`index` of the call that it belongs to, or of those that it may belong to'),
  orNone: z.boolean().describe('of a tie: it may as well be of none of them'),
  omitted: Count.describe('of a tie: calls that are not named here'),
  early: z.boolean().describe('seen before permission was given, or after it was denied'),
  rule: Rule,
})
export type Attribution = z.infer<typeof Attribution>

export const ProcessRow = z.object({
  seq: Count,
  pid: Count,
  parent: Count,
  origin: z.enum(['exec', 'fork']),
  argv: z.array(ByteText),
  argvOmitted: Count,
  executable: ByteText,
  by: Attribution,
})
export type ProcessRow = z.infer<typeof ProcessRow>

export const ACCESS_KINDS = ['read', 'written', 'created', 'removed', 'renamed', 'attempted'] as const

export const Access = z.object({ kind: z.enum(ACCESS_KINDS), path: ByteText, to: ByteText.nullable() })
export type Access = z.infer<typeof Access>

export const FileRow = z.object({
  seq: Count,
  pid: Count,
  accesses: z.array(Access),
  omitted: Count.describe('accesses that are not listed here'),
  by: Attribution,
})
export type FileRow = z.infer<typeof FileRow>

export const RequestRow = z.object({
  seq: Count,
  kind: z.enum(['net.requested', 'net.attempted', 'git.fetched', 'git.pushed', 'model.called']),
  pid: Count.nullable().describe('null: the gateway does not know it'),
  what: z.string(),
  by: Attribution,
})
export type RequestRow = z.infer<typeof RequestRow>

export const VERDICTS = {
  seen: 'announced and seen',
  'with-more': 'announced and seen, in a script that holds more than was announced',
  partly: 'announced; not all of it was seen',
  tied: 'announced; what was seen may be of another call, or of none',
  'not-seen': 'announced, not seen',
  failed: 'announced, not seen; the agent says that it failed',
  denied: 'not permitted, not seen',
  'without-permission': 'seen before permission was given, or after it was denied',
  'nothing-to-see': 'announced nothing that the kernel could see',
} as const
export type Verdict = keyof typeof VERDICTS

const Tally = z.object({ processes: Count, files: Count, requests: Count })
export type Tally = z.infer<typeof Tally>

export const CallRow = z.object({
  index: Count,
  call: z.string(),
  title: ByteText,
  tool: z.string(),
  command: ByteText.nullable(),
  paths: z.array(ByteText),
  status: z.string().describe('as the agent reported it last'),
  opened: Count.describe('seq of the announcement'),
  closed: Count.nullable().describe('seq of the report that it is done'),
  permission: z.enum(['none', 'allowed', 'denied', 'open']).describe('none: the agent did not ask'),
  verdict: z.enum(Object.keys(VERDICTS) as [Verdict, ...Verdict[]]),
  surplus: z.string().nullable().describe('the rest of the script that holds the command, without quotes'),
  unseen: z.array(ByteText).describe('announced paths that were not touched that way'),
  seen: Tally.describe('what belongs to it'),
  tied: Tally.describe('what may belong to it'),
})
export type CallRow = z.infer<typeof CallRow>

export const SaidDidStep = z.object({
  step: Count,
  agent: z.string().nullable().describe('null: its session was never open'),
  calls: z.array(CallRow),
  processes: z.array(ProcessRow),
  files: z.array(FileRow),
  requests: z.array(RequestRow),
  totals: z.record(z.enum(CLASSES), Tally),
  unlisted: Count.describe('accesses that the record itself counts without listing'),
  unsearched: Count.describe('scripts that were not searched for announced commands, as there was too much text'),
  omitted: z.record(z.enum(CLASSES), Tally).describe('rows that are left out of the lists above'),
})
export type SaidDidStep = z.infer<typeof SaidDidStep>

export const SaidDid = z.object({ steps: z.array(SaidDidStep) })
export type SaidDid = z.infer<typeof SaidDid>
