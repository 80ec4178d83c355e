import { secretText } from '../secret-text.ts'
import type { SecretText } from '../secret-text.ts'
import { CredentialError } from '../types.ts'

/** Reads a variable of the process that Glovebox runs in. */
export type Variable = (name: string) => string | undefined

const OWN = /^GLOVEBOX_/

export function readVariable(variable: Variable, name: string): SecretText {
  // Otherwise one line of configuration could send Glovebox's master key to a provider.
  if (OWN.test(name))
    throw new CredentialError(
      'source-failed',
      'environment',
      `${name} is a variable of Glovebox itself, so it cannot be a credential`,
    )
  const value = variable(name)
  if (value === undefined || value === '') {
    const problem = value === undefined ? 'is not set' : 'is empty'
    throw new CredentialError('source-failed', 'environment', `the variable ${name} ${problem}`, {
      cure: 'set it in the environment of Glovebox and restart Glovebox',
    })
  }
  return secretText(value, 'environment', `the variable ${name}`)
}
