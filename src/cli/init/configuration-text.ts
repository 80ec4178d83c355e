// The glovebox.yaml that `glovebox init` writes.
import type { ModelChoice } from './model-presets.ts'

export type Audience = 'me' | 'team'

const APPROVAL: Readonly<Record<Audience, string>> = {
  me: `# You work alone: you may approve the changes of runs that you asked for. The record says that nobody else did.
policies: { enable: [solo] }
`,
  team: `# Whoever asked for a run can't approve its change. Until single sign-on comes, a data folder knows one account, so
# automation asks for the runs (--as service:automation). To let that account approve what its own automation asked for:
# policies: { enable: [own-automation] }
services: [automation]
`,
}

export function configurationText(audience: Audience, model: ModelChoice | null): string {
  return `# Made by \`glovebox init\`. docs/configuration.md describes every field.

${APPROVAL[audience]}${model === null ? '' : modelText(model)}`
}

/** A string of JSON is a string of YAML. */
function modelText({ provider, url, model, key }: ModelChoice): string {
  const credential =
    key.from === 'environment' ? `{ from: environment, variable: ${key.variable} }` : `{ from: ${key.from} }`
  return `
# Agents may use this model. Its key never enters a sandbox.
models:
  ${provider}:
    provider: ${provider}
    url: ${JSON.stringify(url)}
    models: [${JSON.stringify(model)}]
    credential: ${credential}
`
}
