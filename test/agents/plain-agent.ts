// A plain agent for tests: one command that gets its prompt as an argument or on standard input. Its argument selects
// the behaviour.
/* oxlint-disable unicorn/no-process-exit -- how a program ends is part of what it plays */
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

const print = (value: unknown): boolean => process.stdout.write(`${JSON.stringify(value)}\n`)
const says = (said: string): boolean =>
  print({ type: 'assistant', message: { id: 'm', content: [{ type: 'text', text: said }] } })

switch (process.argv[2]) {
  case 'well':
    print({ type: 'system', subtype: 'init', session_id: 's9', claude_code_version: '9.9.9' })
    process.stdout.write('a line for people\n\xff\n')
    says(`My prompt is: ${await text(process.stdin)}`)
    print({
      type: 'assistant',
      message: { content: [{ type: 'tool_use', id: 't', name: 'Bash', input: { command: 'npm test' } }] },
    })
    print({ type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: 't', content: 'ok' }] } })
    print({ type: 'result', subtype: 'success', is_error: false })
    break
  case 'fails':
    says('I give up.')
    process.exit(4)
    break
  case 'says-it-failed':
    print({ type: 'result', subtype: 'success', is_error: true, result: 'API Error: 402' })
    break
  case 'lies':
    print({ type: 'result', subtype: 'success', is_error: false })
    process.exit(1)
    break
  case 'one-long-line':
    process.stdout.write(`{"type":"assistant",${' '.repeat(1 << 20)}\n`)
    says('after it')
    break
  case 'does-not-read':
    process.stdin.destroy()
    says('done')
    break
  case 'floods':
    for (let times = 0; times < 5000; times++) process.stdout.write('x\n')
    break
  case 'never-ends':
    says('I work.')
    await sleep(2 ** 30)
    break
}
