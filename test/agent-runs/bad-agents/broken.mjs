import { answer } from './say.mjs'

answer({ 'session/prompt': () => void process.stdout.write('{"jsonrpc":"2.0","method":\n') })
