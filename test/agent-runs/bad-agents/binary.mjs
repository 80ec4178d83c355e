import { randomFillSync } from 'node:crypto'
import { answer } from './say.mjs'

answer({ 'session/prompt': () => void process.stdout.write(randomFillSync(Buffer.alloc(4096, 255), 8)) })
