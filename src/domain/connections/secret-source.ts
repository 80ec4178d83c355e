// The source of a secret, such as the key of a connection.
import { z } from 'zod'
import { BaseUrl } from './base-url.ts'
import { ConnectionName } from './connection-name.ts'

const Argument = z.string().regex(/^[^\0]*$/, 'a text without zero bytes')

const VariableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')

/** The source of a secret. `stored` is Glovebox's own encrypted store, filled by `glovebox credential set`. */
export const SecretSource = z.discriminatedUnion('from', [
  z
    .strictObject({ from: z.literal('stored'), name: ConnectionName.optional().describe("default: the connection's") })
    .describe('the encrypted store, which `glovebox credential set` fills'),
  z
    .strictObject({ from: z.literal('environment'), variable: VariableName })
    .describe("a variable in Glovebox's own environment"),
  z
    .strictObject({ from: z.literal('file'), path: z.string().min(1) })
    .describe('a file that only its owner may read or write'),
  z
    .strictObject({
      from: z.literal('command'),
      argv: z
        .array(Argument)
        .min(1)
        .max(64)
        .refine(([program]) => program !== '', 'its program is empty'),
    })
    .describe(
      'a program that prints the secret; started without a shell, with only PATH and HOME, for at most 15 seconds',
    ),
  z
    .strictObject({
      from: z.literal('vault'),
      address: BaseUrl.describe('such as https://vault.example:8200'),
      mount: z.string().min(1).default('secret').describe('mount path of the secrets engine'),
      path: z.string().min(1),
      field: z.string().min(1),
      namespace: z
        .string()
        .regex(/^[\x21-\x7e]+$/, 'visible ASCII characters')
        .optional(),
      token: z
        .discriminatedUnion('from', [
          z.strictObject({ from: z.literal('environment'), variable: VariableName }),
          z.strictObject({ from: z.literal('file'), path: z.string().min(1) }),
        ])
        .describe('the Vault token of Glovebox, in a variable or a file'),
    })
    .describe('HashiCorp Vault, KV version 2'),
  z.strictObject({ from: z.literal('none') }).describe('the provider needs no key'),
])
export type SecretSource = z.infer<typeof SecretSource>
