// One self-contained page about a run, to send to somebody: no scripts, nothing is loaded, all text is escaped.
import { createHash } from 'node:crypto'
import { gateIsOpen } from '../../domain/gate.ts'
import type { SaidDid } from '../../domain/said-did/types.ts'
import { advisoryLines } from '../print/print-advisories.ts'
import { saidDidLines } from '../print/print-said-did.ts'
import type { RunSummary } from '../print/run-summary.ts'
import type { StepRefusals } from '../print/said-did-overview.ts'
import { countOf, formatDuration, formatTime } from '../text/quantities.ts'
import { createStyle } from '../text/style.ts'
import { Html, html } from './html.ts'
import { PAGE_STYLE } from './page-style.ts'

export interface PageFacts {
  summary: RunSummary
  saidDid: SaidDid
  /** The refused attempts during each step. */
  refused: StepRefusals
  /** Text of the change's diff; null without a change. `whole`: false if it was cut. */
  diff: { text: string; whole: boolean } | null
  /** SHA-256, in hex, over the lines of `trace --json`, and their number. */
  record: { digest: string; events: number }
}

/** Only the style of this page itself may apply; everything else is refused by the browser. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`

/** Made as text, because a formatter of templates may add space, and the policy names the exact bytes. */
const STYLE = new Html(`<style>${PAGE_STYLE}</style>`)

export function runPage(facts: PageFacts): string {
  const { run } = facts.summary
  const title = `Glovebox run ${run.id}`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${STYLE}
      </head>
      <body>
        <main>
          ${head(facts.summary)} ${advisories(facts.summary)} ${steps(facts.summary)} ${refusals(facts.summary)}
          ${change(facts)} ${said(facts)} ${verification(facts)}
        </main>
      </body>
    </html> `.text
}

function head({ run, trace, notes, toolchain, coverage, failures }: RunSummary): Html {
  const took =
    run.startedAt !== null && run.finishedAt !== null ? ` in ${formatDuration(run.finishedAt - run.startedAt)}` : ''
  const via = run.requester.via === undefined ? '' : ` through ${run.requester.via}`
  const rows: [string, string][] = [
    ['Task', `${run.task} (${run.mode})`],
    ['Repository', run.repository],
    ['Commit', run.commit ?? 'not known'],
    ['Requested by', `${run.requester.id}${via}`],
    ['Requested', formatTime(run.createdAt)],
    ['Sandbox', run.sandbox],
    [
      'Toolchain',
      Object.entries(toolchain)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ') || 'not recorded',
    ],
    [
      'Recorded',
      `${countOf(trace.processes, 'process', 'processes')}, ${countOf(trace.requests, 'request')}, ${trace.denied} denied, ${trace.filesRead} files read, ${trace.filesWritten} written`,
    ],
  ]
  const bad = [
    ...(coverage?.complete === false ? [`The record is not complete: ${coverage.blindSpots.join('; ')}`] : []),
    ...failures,
  ]
  return html`<h1>
      Run ${run.id} <span class="${run.status === 'succeeded' ? 'good' : 'bad'}">${run.status}</span>${took}
    </h1>
    ${run.reason === null ? '' : html`<p>${run.reason}</p>`} ${bad.map((text) => html`<p class="bad">${text}</p>`)}
    <dl>
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${notes.map((note) => html`<p class="soft">${note}</p>`)}`
}

function advisories({ advisories }: RunSummary): Html {
  if (advisories === null) return html``
  const lines = advisoryLines(advisories, { style: createStyle(false), columns: Infinity })
  return html`<h2>Advisories</h2>
    <pre>${lines.join('\n')}</pre>`
}

function steps({ steps, commands }: RunSummary): Html {
  if (steps.length === 0) return html``
  const rows = steps.map(
    ({ step, name, outcome, wallMs, note }) =>
      html`<tr>
        <td>${step}</td>
        <td class="tight ${outcome === 'succeeded' ? 'good' : outcome === 'skipped' ? 'soft' : 'bad'}">${outcome}</td>
        <td class="tight">${outcome === 'skipped' ? '-' : formatDuration(wallMs)}</td>
        <td>
          ${name}${note === undefined ? '' : `: ${note}`}<br /><code class="soft">${commands.of(step).join(', ')}</code>
        </td>
      </tr> `,
  )
  return html`<h2>Steps, and what they ran</h2>
    <table>
      <tr>
        <th>#</th>
        <th>Outcome</th>
        <th>Took</th>
        <th>Step</th>
      </tr>
      ${rows}
    </table>`
}

function refusals({ refused }: RunSummary): Html {
  const rows = refused.refusals.map(
    ({ what, why, times }) =>
      html`<tr>
        <td><code>${what}</code>${times > 1 ? ` (${times} times)` : ''}</td>
        <td>${why}</td>
      </tr> `,
  )
  return html`<h2>Refused</h2>
    ${
      rows.length === 0
        ? html`<p>Nothing.</p>`
        : html`<table>
            ${rows}
          </table>`
    }
    ${refused.omitted > 0 ? html`<p>and ${refused.omitted} others</p>` : ''}`
}

function change({ summary, diff }: PageFacts): Html {
  if (summary.change === null || diff === null)
    return html`<h2>Change</h2>
      <p>The run proposes no change.</p>`
  const { change, gate } = summary.change
  const conditions = gate.map(
    ({ name, met, detail }) =>
      html`<tr>
        <td class="tight ${met ? 'good' : 'warn'}">${met ? 'met' : 'not met'}</td>
        <td>${name}</td>
        <td>${detail}</td>
      </tr> `,
  )
  const decisions = change.decisions.map(
    ({ decision, actor, commit, reason }) =>
      html`<p>
        ${decision} by ${actor.id} for <code>${commit.slice(0, 12)}</code>${reason === null ? '' : `: ${reason}`}
      </p>`,
  )
  return html`<h2>Change: ${change.title}</h2>
    <p>
      ${change.status}, ${countOf(change.files, 'file')}, +${change.insertions} -${change.deletions}, commit
      <code>${change.commit}</code>, ${change.branch} into ${change.target}
    </p>
    ${change.findings.map((finding) => html`<p class="warn">${finding}</p>`)}
    <p>Gate: ${change.status === 'merged' ? 'merged' : gateIsOpen(gate) ? 'open' : 'closed'}</p>
    <table>
      ${conditions}
    </table>
    ${decisions}
    <pre>${diffLines(diff.text)}</pre>
    ${diff.whole ? '' : html`<p class="warn">The diff is longer than this page shows.</p>`}`
}

function diffLines(text: string): Html[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map(
      (line) =>
        html`<span class="${line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : ''}">${line}</span>`,
    )
}

function said({ saidDid, refused }: PageFacts): Html {
  if (saidDid.steps.length === 0)
    return html`<h2>What the agents said and did</h2>
      <p>This run had no agent.</p>`
  const lines = saidDidLines(saidDid, refused, createStyle(false), Infinity)
  return html`<h2>What the agents said and did</h2>
    <pre>${lines.join('\n')}</pre>`
}

function verification({ summary, record }: PageFacts): Html {
  const command = `glovebox trace ${summary.run.id} --json | head -n ${record.events} | sha256sum`
  return html`<h2>Verification</h2>
    <p>
      This page is a copy and proves nothing by itself. The record of the run had ${record.events} events, whose lines
      have the SHA-256 digest <code>${record.digest}</code>. Whoever has the data folder compares it with:
    </p>
    <pre>${command}</pre>`
}
