// Accepts its prompt, and then never works, ends or reacts. It leaves a process that would outlive it.
import { spawn } from 'node:child_process'
import { answer } from './say.mjs'

for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => {})
setInterval(() => {}, 1000)
answer({
  'session/prompt': () => void spawn('sleep', [process.argv[2]], { detached: true, stdio: 'ignore' }).unref(),
})
