// A last look for credentials in what a run proposes. High-signal patterns only: a finding blocks the change.

export interface SecretFinding {
  rule: string
  file: string
  line: number
}

const RULES: readonly { rule: string; pattern: RegExp }[] = [
  { rule: 'private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/ },
  { rule: 'AWS access key id', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { rule: 'GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b/ },
  { rule: 'GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20,}\b/ },
  { rule: 'npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { rule: 'Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}\b/ },
  { rule: 'Google API key', pattern: /\bAIza[0-9A-Za-z_-]{35}\b/ },
  { rule: 'Stripe secret key', pattern: /\bsk_live_[0-9a-zA-Z]{24,}\b/ },
  { rule: 'model provider key', pattern: /\bsk-(?:ant-|proj-)[A-Za-z0-9_-]{20,}\b/ },
]

const MAX_FINDINGS = 100

/** Looks at the added lines of a unified diff. Never returns the secret itself. */
export function scanDiffForSecrets(diff: string): SecretFinding[] {
  const findings: SecretFinding[] = []
  let file = ''
  let line = 0
  let inHunk = false
  for (const text of diff.split('\n')) {
    if (text.startsWith('diff --git ')) inHunk = false
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text)
    if (hunk) {
      line = Number(hunk[1])
      inHunk = true
    } else if (!inHunk && text.startsWith('+++ ')) {
      file = text.slice(4).replace(/^b\//, '')
    } else if (inHunk && text.startsWith('+')) {
      for (const { rule, pattern } of RULES) {
        if (pattern.test(text) && findings.length < MAX_FINDINGS) findings.push({ rule, file, line })
      }
      line += 1
    } else if (inHunk && text.startsWith(' ')) {
      line += 1
    }
  }
  return findings
}
