import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { readScript } from './script.ts'
import { startScriptedModel } from './start-scripted-model.ts'

const usage = `usage: bin/node test/scripted-model/main.ts --script FILE.json
    [--port N] [--prefix /PATH] [--key-file FILE] [--misbehave JSON]...
Plays the script to whoever asks, in the wire API of Anthropic, OpenAI or Google. Prints its URL and goes on until ended.
--misbehave: {"kind":"slow","milliseconds":N} {"kind":"cut","after":N} {"kind":"status","status":N} {"kind":"echo","text":T}`

const { values } = parseArgs({
  options: {
    script: { type: 'string' },
    port: { type: 'string', default: '0' },
    prefix: { type: 'string', default: '' },
    'key-file': { type: 'string' },
    misbehave: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || values.script === undefined) {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const keyFile = values['key-file']
  const model = await startScriptedModel({
    script: await readScript(values.script),
    port: Number(values.port),
    prefix: values.prefix,
    ...(keyFile === undefined ? {} : { key: (await readFile(keyFile, 'utf8')).trim() }),
  })
  for (const source of values.misbehave) model.misbehave(JSON.parse(source))
  console.log(model.url)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void model[Symbol.asyncDispose]())
}
