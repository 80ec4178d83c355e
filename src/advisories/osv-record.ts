// Strict schema of an OSV record. Format: https://ossf.github.io/osv-schema/
import { z } from 'zod'
import { Ecosystem } from '../domain/ecosystem.ts'

const Text = z.string().max(1024)

/** An event has exactly one of the three keys; `limit` occurs in git ranges only. */
const OsvEvent = z.union([
  z.strictObject({ introduced: Text }),
  z.strictObject({ fixed: Text }),
  z.strictObject({ last_affected: Text }),
])
export type OsvEvent = z.infer<typeof OsvEvent>

const OsvRange = z.discriminatedUnion('type', [
  z.object({ type: z.literal('SEMVER'), events: z.array(OsvEvent).min(1).max(1000) }),
  z.object({ type: z.literal('ECOSYSTEM'), events: z.array(OsvEvent).min(1).max(1000) }),
  z.object({ type: z.literal('GIT') }),
])

const KnownAffected = z.object({
  package: z.object({ ecosystem: Ecosystem, name: z.string().min(1).max(300) }),
  ranges: z.array(OsvRange).max(1000).default([]),
  versions: z.array(Text).max(50_000).default([]),
  database_specific: z.object({ last_known_affected_version_range: Text.optional() }).optional(),
})
export type KnownAffected = z.infer<typeof KnownAffected>

/** Entries of other ecosystems are ignored, whatever their shape. */
const OtherAffected = z
  .object({
    package: z.object({ ecosystem: z.string().refine((name) => !Ecosystem.safeParse(name).success) }).optional(),
  })
  .transform(() => null)

export const OsvRecord = z.object({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{2,100}$/),
  modified: z.iso.datetime({ offset: true }),
  withdrawn: z.iso.datetime({ offset: true }).optional(),
  summary: z.string().max(10_000).optional(),
  details: z.string().max(1_000_000).optional(),
  aliases: z.array(Text).max(1000).nullish(),
  affected: z
    .array(z.union([KnownAffected, OtherAffected]))
    .max(10_000)
    .default([]),
  severity: z
    .array(z.object({ type: Text, score: Text }))
    .max(100)
    .nullish(),
  database_specific: z
    .object({
      severity: Text.nullish(),
      cwe_ids: z.array(Text).max(1000).nullish(),
    })
    .nullish(),
})
export type OsvRecord = z.infer<typeof OsvRecord>
