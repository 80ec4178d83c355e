// The result of comparing an agent's statements with the actions that the kernel and the gateway saw, per agent step.
// docs/said-against-did.md explains the rules; each row names the rule that decided on it.
import { z } from 'zod'
import { ByteText, Count } from '../events/fields.ts'

export const RULES = {
  start: "before the agent's session was open",
  model: 'a model call',
  'own-files': "the agent's own process, outside the workspace",
  habit: 'a known habit of the agent, matched word for word',
  'own-connect': "the agent's own process, to the gateway",
  command: 'the program is the announced command, or a shell that runs exactly this command',
  script: 'a shell that runs a script which contains the announced command',
  under: 'a descendant of such a program',
  path: "on a path that the call announced, by the agent's own process or an unannounced one",
  late: "the agent's own process, on a path that a call announced only afterwards",
  reader: 'a program that only read announced paths in the workspace',
  process: 'belongs where its process belongs',
  parent: 'belongs where its parent belongs; no window is open',
  window: 'in the window of the only call that could have done it',
  windows: 'in the windows of several calls that could have done it',
  opening: 'recorded between the last mark and the announcement: may belong to the call or precede it',
  'or-window': 'its process belongs to one call, its window to another',
  alive: 'decided by the processes that were alive at that moment',
  none: 'no call announced it',
} as const
export type Rule = keyof typeof RULES
const Rule = z.enum(Object.keys(RULES) as [Rule, ...Rule[]])

export const CLASSES = ['start', 'upkeep', 'call', 'tie', 'unannounced'] as const
export type Class = (typeof CLASSES)[number]

export const Attribution = z.object({
  class: z.enum(CLASSES),
  calls: z.array(Count).describe('`index` of the call that it belongs to, or of the calls that it may belong to'),
  orNone: z.boolean().describe('tie: it may also belong to none of them'),
  omitted: Count.describe('tie: number of further calls that are not listed'),
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
  omitted: Count.describe('number of accesses that are not listed'),
  by: Attribution,
})
export type FileRow = z.infer<typeof FileRow>

export const RequestRow = z.object({
  seq: Count,
  kind: z.enum(['net.requested', 'net.attempted', 'git.fetched', 'git.pushed', 'model.called']),
  pid: Count.nullable().describe('null for requests at the gateway, which does not know the process'),
  what: z.string(),
  by: Attribution,
})
export type RequestRow = z.infer<typeof RequestRow>

export const VERDICTS = {
  seen: 'announced and seen',
  'with-more': 'announced and seen, in a script that contains more than the announced command',
  partly: 'announced; only part of it was seen',
  tied: 'announced; the seen actions may belong to another call, or to none',
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
  status: z.string().describe('the last status that the agent reported'),
  opened: Count.describe('seq of the announcement'),
  closed: Count.nullable().describe('seq of the report of its end; null if there is none'),
  permission: z.enum(['none', 'allowed', 'denied', 'open']).describe('none: the agent did not ask'),
  verdict: z.enum(Object.keys(VERDICTS) as [Verdict, ...Verdict[]]),
  surplus: z.string().nullable().describe('the rest of the script that contains the command, without quotes'),
  unseen: z.array(ByteText).describe('announced paths without such an access'),
  seen: Tally.describe('number of rows that belong to the call'),
  tied: Tally.describe('number of rows that may belong to the call'),
})
export type CallRow = z.infer<typeof CallRow>

export const SaidDidStep = z.object({
  step: Count,
  agent: z.string().nullable().describe('null if its session never opened'),
  calls: z.array(CallRow),
  processes: z.array(ProcessRow),
  files: z.array(FileRow),
  requests: z.array(RequestRow),
  totals: z.record(z.enum(CLASSES), Tally),
  unlisted: Count.describe('number of accesses that the record counts without listing'),
  unsearched: Count.describe('number of scripts that were too long to search for announced commands'),
  omitted: z.record(z.enum(CLASSES), Tally).describe('number of rows omitted from the lists above'),
})
export type SaidDidStep = z.infer<typeof SaidDidStep>

export const SaidDid = z.object({ steps: z.array(SaidDidStep) })
export type SaidDid = z.infer<typeof SaidDid>
