// What `glovebox init` is to make: from its options, and from a person at the terminal for whatever they leave open.
import { join } from 'node:path'
import { ProviderKind } from '../../domain/connections/model-connection.ts'
import type { CliEnvironment } from '../cli-environment.ts'
import { UsageError } from '../cli-error.ts'
import { chooseDataFolder } from '../session/data-folder.ts'
import type { Audience } from './configuration-text.ts'
import { checkModel, type KeySource, MODEL_PRESETS, type ModelChoice } from './model-presets.ts'
import { openQuestions, type Questions } from './questions.ts'

export const AUDIENCES = ['me', 'team'] as const
export const MODELS = ['none', ...ProviderKind.options] as const

export interface InitOptions {
  data?: string
  yes?: boolean
  for?: Audience
  model?: ProviderKind | 'none'
  modelId?: string
  url?: string
  keyVariable?: string
  keyFile?: string
}

export interface Answers {
  /** For `--data`; undefined: the default. */
  data: string | undefined
  audience: Audience
  model: ModelChoice | null
  /** Whether a person at the terminal types the key. */
  typesKey: boolean
}

/** Throws UsageError if an option is missing and nobody can be asked. */
export async function findAnswers(
  environment: CliEnvironment,
  options: InitOptions,
  given: { path: string; byDefault: boolean },
): Promise<Answers> {
  using questions = options.yes === true ? null : openQuestions(environment)
  if (questions === null && options.yes !== true)
    throw new UsageError('There is no terminal to ask on: add --yes, and --for and --model as you like; see --help')
  const asksData = options.data === undefined && given.byDefault
  const data = asksData
    ? await questions?.ask(
        'Data folder, which keeps runs, keys and settings',
        given.path,
        dataAnswer(environment, given.path),
      )
    : options.data
  const audience =
    options.for ??
    (await questions?.ask('Who works with it: me alone, or a team (me/team)', null, oneOf(AUDIENCES))) ??
    'team'
  const provider =
    options.model ??
    (await questions?.ask(`Which model do agents use (${MODELS.join('/')})`, 'none', oneOf(MODELS))) ??
    'none'
  if (provider === 'none') {
    refuseWithoutModel(options)
    return { data, audience, model: null, typesKey: false }
  }
  const model = await findModel(provider, environment, options, questions)
  checkModel(model)
  const typesKey = questions !== null && model.key.from === 'stored' && options.keyFile === undefined
  return { data, audience, model, typesKey }
}

/** The answer as `--data` would give it; undefined for the default. */
function dataAnswer({ env, cwd }: CliEnvironment, preset: string): (answer: string) => string | undefined {
  return (answer) => {
    if (answer === preset) return undefined
    const data = answer.startsWith('~/') && env['HOME'] !== undefined ? join(env['HOME'], answer.slice(2)) : answer
    chooseDataFolder(data, env, cwd)
    return data
  }
}

async function findModel(
  provider: ProviderKind,
  { env }: CliEnvironment,
  options: InitOptions,
  questions: Questions | null,
): Promise<ModelChoice> {
  const preset = MODEL_PRESETS[provider]
  const need = async (given: string | undefined, preset: string | null, flag: string, question: string) => {
    const found = given ?? preset ?? (await questions?.ask(question, null, notEmpty)) ?? ''
    if (found === '') throw new UsageError(`--model ${provider} needs ${flag}`)
    return found
  }
  const url = await need(options.url, preset.url, '--url', 'Base URL of the provider')
  const model = await need(options.modelId, preset.model, '--model-id', "The provider's name of the model")
  return { provider, url, model, key: await findKey(preset.variable, env, options, questions) }
}

async function findKey(
  usual: string | null,
  env: CliEnvironment['env'],
  { keyVariable, keyFile }: InitOptions,
  questions: Questions | null,
): Promise<KeySource> {
  if (keyVariable !== undefined && keyFile !== undefined)
    throw new UsageError('Give --key-variable or --key-file, not both')
  if (keyFile !== undefined) return { from: 'stored' }
  if (keyVariable !== undefined) return { from: 'environment', variable: keyVariable }
  const present = usual !== null && (env[usual] ?? '') !== '' ? usual : null
  const question = 'Key: the name of an environment variable, `type` to type it, or `none`'
  const answer = (await questions?.ask(question, present ?? (usual === null ? 'none' : 'type'), notEmpty)) ?? present
  if (answer === 'none') return { from: 'none' }
  if (answer === null) return usual === null ? { from: 'none' } : { from: 'stored' }
  return answer === 'type' ? { from: 'stored' } : { from: 'environment', variable: answer }
}

function refuseWithoutModel({ modelId, url, keyVariable, keyFile }: InitOptions): void {
  const flags = { '--model-id': modelId, '--url': url, '--key-variable': keyVariable, '--key-file': keyFile }
  const alone = Object.entries(flags).find(([, value]) => value !== undefined)
  if (alone !== undefined) throw new UsageError(`${alone[0]} needs --model with a provider`)
}

function oneOf<T extends string>(known: readonly T[]): (answer: string) => T {
  return (answer) => {
    const found = known.find((one) => one === answer)
    if (found === undefined) throw new UsageError(`Answer one of: ${known.join(', ')}`)
    return found
  }
}

function notEmpty(answer: string): string {
  if (answer === '') throw new UsageError('It needs an answer')
  return answer
}
