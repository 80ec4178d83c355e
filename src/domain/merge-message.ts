// The message of a merge commit: the change, its fixes, and trailers that refer to the record.
import { printable, printableBlock } from './byte-text.ts'
import type { AdvisoryRef, AdvisoryReport, Change } from './change.ts'

const MAX_SUBJECT = 200
const MAX_BODY = 16_000

export function mergeMessage(change: Change, advisories: AdvisoryReport | null): string {
  const subject = printable(`Merge ${change.branch}: ${change.title}`.replace(/\s+/g, ' ')).slice(0, MAX_SUBJECT)
  const lists =
    advisories === null
      ? []
      : [list('Fixes:', fixedBy(advisories).map(advisoryLine)), list('Packages:', advisories.packages.map(packageLine))]
  const body = [change.body, ...lists, list('Worth a look:', change.findings)]
    .filter((part) => part !== '')
    .join('\n\n')
  return (
    [subject, withoutTrailers(printableBlock(body).slice(0, MAX_BODY)), trailers(change)]
      .filter((part) => part !== '')
      .join('\n\n') + '\n'
  )
}

function trailers(change: Change): string {
  const approvals = change.decisions.filter(
    (decision) => decision.decision === 'approved' && decision.commit === change.commit,
  )
  const approvers = [...new Set(approvals.map((approval) => approval.actor.id))]
  return [
    `Glovebox-Run: ${change.run}`,
    `Glovebox-Change: ${change.id}`,
    ...approvers.map((id) => `Glovebox-Approved-By: ${id}`),
  ].join('\n')
}

/** Defuses lines that look like our trailers: an attacker can choose file names and titles in the body. */
function withoutTrailers(text: string): string {
  return text.replace(/^(Glovebox-[A-Za-z-]+):/gim, '$1 -')
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.map((line) => `- ${line}`).join('\n')}`
}

function fixedBy({ examined, before, after }: AdvisoryReport): AdvisoryRef[] {
  if (!examined.after) return []
  const left = new Set(after.map((advisory) => advisory.id))
  return [
    ...new Map(before.filter((advisory) => !left.has(advisory.id)).map((advisory) => [advisory.id, advisory])).values(),
  ]
}

function advisoryLine({ id, aliases, package: name, title }: AdvisoryRef): string {
  return `${[id, ...aliases].join(' ')} (${name}): ${title}`
}

function packageLine({ name, from, to }: AdvisoryReport['packages'][number]): string {
  return `${name}: ${from ?? 'none'} -> ${to ?? 'none'}`
}
