// Asks for permission and ends its turn without waiting for the answer.
import { answer, say } from './say.mjs'

answer({
  'session/prompt': () => {
    const toolCall = { toolCallId: 'c1', title: 'rm -rf /', kind: 'execute', rawInput: { command: 'rm -rf /' } }
    const options = [
      { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
      { optionId: 'no', name: 'No', kind: 'reject_once' },
    ]
    say({ id: 'ask', method: 'session/request_permission', params: { sessionId: 's1', toolCall, options } })
    return { stopReason: 'end_turn' }
  },
})
