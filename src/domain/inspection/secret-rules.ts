// Patterns of credentials. They must have few false positives, because a finding closes the gate of a change.

export interface SecretHit {
  rule: string
  /** The credential itself, only for comparing: it must not reach a person or the record. */
  text: string
  /** Position of its first character in the text. */
  at: number
}

const RULES: readonly { rule: string; pattern: RegExp }[] = [
  { rule: 'private key', pattern: /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----/ },
  { rule: 'PuTTY private key', pattern: /PuTTY-User-Key-File-\d: / },
  { rule: 'age secret key', pattern: /AGE-SECRET-KEY-1[0-9A-Z]{58}/ },
  { rule: 'AWS access key id', pattern: /(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])/ },
  {
    rule: 'AWS secret access key',
    pattern: /aws_?secret_?(?:access_?)?key["']?\s{0,4}[:=]\s{0,4}["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/i,
  },
  { rule: 'GitHub token', pattern: /(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})/ },
  { rule: 'GitLab token', pattern: /(?:glpat|gldt|glrt|glptt|glcbt|glsoat|glagent)-[A-Za-z0-9_-]{20,300}/ },
  { rule: 'npm token', pattern: /npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/ },
  { rule: 'PyPI token', pattern: /pypi-AgE[A-Za-z0-9_-]{50,1000}/ },
  { rule: 'Slack token', pattern: /(?:xox[abeprs]-|xapp-\d-)[A-Za-z0-9-]{10,300}/ },
  {
    rule: 'Slack webhook',
    pattern: /hooks\.slack\.com\/services\/T[A-Z0-9]{6,20}\/B[A-Z0-9]{6,20}\/[A-Za-z0-9]{20,40}/,
  },
  { rule: 'Google API key', pattern: /AIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])/ },
  { rule: 'Google OAuth secret', pattern: /GOCSPX-[A-Za-z0-9_-]{28}/ },
  { rule: 'Azure storage key', pattern: /AccountKey=[A-Za-z0-9+/]{86}==/ },
  { rule: 'Stripe secret key', pattern: /[sr]k_live_[0-9a-zA-Z]{24,255}/ },
  {
    rule: 'model provider key',
    pattern:
      /(?<![A-Za-z0-9])(?:sk-(?:ant|proj|svcacct|admin|or-v1)-[A-Za-z0-9_-]{20,300}|sk-[A-Za-z0-9]{48}(?![A-Za-z0-9]))/,
  },
  { rule: 'Hugging Face token', pattern: /(?<![A-Za-z0-9])hf_[A-Za-z]{34}(?![A-Za-z0-9])/ },
  { rule: 'SendGrid key', pattern: /SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/ },
  { rule: 'DigitalOcean token', pattern: /do[opr]_v1_[a-f0-9]{64}/ },
  { rule: 'Docker Hub token', pattern: /dckr_[po]at_[A-Za-z0-9_-]{27}/ },
  { rule: 'Shopify token', pattern: /shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/ },
  { rule: 'Vault token', pattern: /hv[sb]\.[A-Za-z0-9_-]{90,300}/ },
  { rule: 'Databricks token', pattern: /(?<![A-Za-z0-9])dapi[a-f0-9]{32}(?![a-f0-9])/ },
  { rule: 'Atlassian token', pattern: /ATATT3x[A-Za-z0-9_=-]{100,300}/ },
  { rule: 'Linear key', pattern: /lin_api_[A-Za-z0-9]{40}/ },
  { rule: 'Grafana token', pattern: /glsa_[A-Za-z0-9]{32}_[a-fA-F0-9]{8}/ },
]

/** No rule has capturing groups, so the number of a group is the number of its rule. */
const ANY = new RegExp(RULES.map(({ pattern }) => `(${insensitive(pattern)})`).join('|'), 'g')
const MAX_HITS = 1000

/** The time is proportional to the length of the text, because every repetition in a rule is bounded. */
export function findSecrets(text: string): SecretHit[] {
  const hits: SecretHit[] = []
  for (const match of text.matchAll(ANY)) {
    const which = match.findIndex((group, index) => index > 0 && group !== undefined) - 1
    hits.push({ rule: RULES[which]!.rule, text: match[0], at: match.index })
    if (hits.length === MAX_HITS) break
  }
  return hits
}

/** Replaces the credentials in a text for the record or for a reviewer, who must not see them. */
export function hideSecrets(text: string): string {
  return text.replace(ANY, (_, ...groups: unknown[]) => {
    const which = groups.findIndex((group) => typeof group === 'string')
    return `[${RULES[which]!.rule}]`
  })
}

/** Writes the flag `i` into the part, because a joined expression has flags only as a whole. */
function insensitive({ source, flags }: RegExp): string {
  return flags.includes('i') ? `(?i:${source})` : source
}
