import { expect, test } from 'vitest'
import { findSecrets } from './secret-rules.ts'

const rulesIn = (text: string) => findSecrets(text).map(({ rule }) => rule)
const x = (length: number) => 'x7Aq'.repeat(Math.ceil(length / 4)).slice(0, length)

// The examples are assembled from parts, so that no scanner reports this file as a leak.
test.each([
  ['AWS access key id', `AKIA${'ABCDEFGHIJKLMNOP'}`],
  ['AWS secret access key', `AWS_SECRET_ACCESS_KEY = "${x(40)}"`],
  ['GitHub token', `ghp_${x(36)}`],
  ['GitHub token', `github_${'pat'}_${x(70)}`],
  ['GitLab token', `glpat-${x(20)}`],
  ['npm token', `npm_${x(36)}`],
  ['private key', `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----`],
  ['private key', `-----BEGIN PGP ${'PRIVATE'} KEY BLOCK-----`],
  ['Slack token', `xoxb-${'1'.repeat(12)}-${x(12)}`],
  ['Google API key', `AIza${x(35)}`],
  ['Stripe secret key', `sk_${'live'}_${x(24)}`],
  ['model provider key', `sk-${'ant'}-api03-${x(40)}`],
  ['model provider key', `sk-${'proj'}-${x(40)}`],
  ['Hugging Face token', `hf_${'a'.repeat(34)}`],
])('%s', (rule, text) => {
  expect(rulesIn(`a\nkey=${text}\nb`)).toEqual([rule])
  expect(findSecrets(`ab ${text}`)[0]?.at).toBe(3)
})

test.each(['AKIA', 'task-ant-hill-climbing-algorithms-for-fun', 'npm_config_registry', 'ghp_short', 'sk-learn', ''])(
  '%j is none',
  (text) => expect(rulesIn(text)).toEqual([]),
)

test('takes time proportional to the length of the text', () => {
  const started = performance.now()
  findSecrets('-----BEGIN A A A A '.repeat(50_000) + 'sk-ant-'.repeat(50_000) + 'aws_secret_key    '.repeat(20_000))
  expect(performance.now() - started).toBeLessThan(5000)
})
