// Attempts with request fields that raise the price, leave state, outlive the call or instruct the server.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { modelScript, told } from '../../inside-python.ts'
import { onModels, type ModelGround } from './ground.ts'
import { expectRefusedAll } from './held.ts'

const RESPONSES = String.raw`
responses = lambda **more: {'path': '/v1/responses', 'body': {'model': 'good', 'input': 'hi', **more}}
chat = lambda **more: {'path': '/v1/chat/completions', 'body': {'model': 'good', **SAYS, **more}}
item = lambda **given: responses(input=[given])`

export const FIELDS: readonly Attempt[] = [
  onModels({
    id: 'models-fields-jobs',
    tries: 'start forty jobs that outlive their calls, whose answers have no usage',
    wall: 'a job that outlives its call needs a permit of the connection; a call without usage counts as reserved',
    invariant: 6,
    provider: 'openai',
    budget: { tokens: 6000 },
    script: modelScript(String.raw`
${RESPONSES}
each({str(at): responses(max_output_tokens=4000, background=value) for at, value in enumerate([True] * 40 + ['true', 1, [True], {'x': 1}])})
each({text: {'path': '/v1/responses', 'body': f'{{"model":"good","input":"hi",{text}}}'} for text in ['"b\\u0061ckground":true', '"Background":true', '"background":false,"background":true', '"back_ground":true']})`),
    verify: (outcome, models) => expectRefusedAll(outcome, models),
  }),
  onModels({
    id: 'models-fields-prices',
    tries: 'get costlier answers at the plain price: tiers, voices, modes, by value, spelling and nesting',
    wall: 'fields that raise the price need a permit of the connection, and are then reserved at their price',
    invariant: 6,
    provider: 'openai',
    script: modelScript(String.raw`
${RESPONSES}
each({f'tier {tier}': responses(service_tier=tier) for tier in ['priority', 'fast', 'ultrafast', 'Priority', 'PRIORITY', ' default', ['default', 'priority'], {'tier': 'priority'}, True]})
each({f'chat {tier}': chat(service_tier=tier) for tier in ['priority', 'fast']})
each({'mode': responses(reasoning={'effort': 'high', 'mode': 'pro'}), 'mode, later': item(type='configuration_update', reasoning={'mode': 'pro'}), 'mode, spelt': responses(reasoning={'Mode': 'pro'}), 'voice': chat(modalities=['text', 'audio'], audio={'voice': 'x', 'format': 'wav'}), 'audio': chat(messages=[{'role': 'user', 'content': [{'type': 'input_audio', 'input_audio': {'data': '', 'format': 'wav'}}]}])})
each({text: {'path': '/v1/responses', 'body': f'{{"model":"good","input":"hi",{text}}}'} for text in ['"service_tier":"default","service_tier":"priority"', '"serviceTier":"priority"', '"service\\u005ftier":"priority"']})`),
    verify: (outcome, models) => expectRefusedAll(outcome, models),
  }),
  onModels({
    id: 'models-fields-state',
    tries: 'reach or leave state behind the same key: answers, conversations, items, prompts, files, voices',
    wall: 'no call reaches state at a provider, and the gateway asks it to keep none',
    invariant: 11,
    provider: 'openai',
    script: modelScript(String.raw`
${RESPONSES}
each({'answer': responses(previous_response_id='resp_1'), 'conversation': responses(conversation='conv_1'), 'conversation, object': responses(conversation={'id': 'conv_1'}), 'prompt': responses(prompt={'id': 'pmpt_1'}), 'keep': responses(store=True), 'keep, null': responses(store=None), 'keep, 1': responses(store=1), 'keep, text': responses(store='false'), 'keep, chat': chat(store=True)})
each({'item': item(type='item_reference', id='msg_1'), 'item, null': item(type=None, id='msg_1'), 'item, no type': item(id='msg_1'), 'item, Type': item(Type='item_reference', id='msg_1', role='user', content='x'), 'reasoning': item(type='reasoning', id='rs_1', summary=[]), 'reasoning, empty': item(type='reasoning', id='rs_1', summary=[], content=[], encrypted_content=''), 'image': item(type='image_generation_call', id='ig_1', status='completed', result=None), 'file': item(role='user', content=[{'type': 'input_file', 'file_id': 'file_1'}]), 'container': item(type='code_interpreter_call', id='ci_1', container_id='cntr_1'), 'voice': chat(messages=[{'role': 'assistant', 'audio': {'id': 'audio_1'}}])})
each({f'{method} {path}': {'method': method, 'path': path, 'body': b''} for method, path in [('GET', '/v1/responses/resp_1'), ('GET', '/v1/responses/resp_1/input_items'), ('POST', '/v1/responses/resp_1/cancel'), ('GET', '/v1/conversations/conv_1/items'), ('GET', '/v1/files'), ('GET', '/v1/vector_stores'), ('GET', '/v1/batches'), ('GET', '/v1/threads/t/messages'), ('GET', '/v1/chat/completions?limit=1')]})`),
    verify: (outcome, models) => expectRefusedAll(outcome, models),
  }),
  onModels({
    id: 'models-fields-kept',
    tries: 'leave out `store`, at a provider that keeps answers by default',
    wall: 'the gateway sends `store: false`, and the record says so',
    invariant: 11,
    provider: 'openai',
    script: modelScript(String.raw`
${RESPONSES}
each({'responses': responses(), 'chat': chat(), 'escaped': {'path': '/v1/responses', 'body': '{"m\\u006fdel":"good","input":"\\"store\\":true"}'}, 'blanks': {'path': '/v1/responses', 'body': '\n {\t"model":"good","input":"hi"}'}})`),
    verify(outcome, models) {
      expect(told(outcome).map(({ statuses }) => statuses)).toEqual([[200], [200], [200], [200]])
      expectNotKept(models)
      for (const { body } of outcome.of('model.asked')) expect(body.set).toEqual(['store=false'])
    },
  }),
  onModels({
    id: 'models-fields-server',
    tries: 'give instructions to a compatible server: templates, decoders, image processors, routers, other servers',
    wall: 'fields that instruct the server, and unknown fields, are refused',
    invariant: 6,
    provider: 'openai-compatible',
    script: modelScript(String.raw`
${RESPONSES}
LOOP = '{% for i in range(999999999) %}x{% endfor %}'
each({f'variables {at}': chat(chat_template_kwargs=value) for at, value in enumerate([{'chat_template': LOOP}, {'enable_thinking': True, 'chat_template': LOOP}, {'tokenize': False}, {'enable_thinking': {'x': 1}}, {'thinking': [1]}, LOOP, [LOOP], {'__proto__': 1}, {'constructor': 1}])})
each({name: chat(**{name: value}) for name, value in {'chat_template': LOOP, 'guided_json': {}, 'guided_regex': '(a+)+b', 'guided_grammar': 'x', 'structured_outputs': {}, 'mm_processor_kwargs': {'size': 9 ** 9}, 'extra_body': {}, 'logits_processors': ['os.system'], 'kv_transfer_params': {'remote_host': 'evil.example.com'}, 'documents': [], 'add_generation_prompt': False, 'echo': True, 'models': ['dear'], 'provider': {'order': ['evil']}, 'api_base': 'https://evil.example.com', 'constructor': 1, '__proto__': 1, 'toString': 1, 'Chat_Template': LOOP, 'chatTemplate': LOOP}.items()})`),
    verify: (outcome, models) => expectRefusedAll(outcome, models),
  }),
]

function expectNotKept({ provider }: ModelGround): void {
  expect(provider.sent).toHaveLength(4)
  for (const { body } of provider.sent) expect((JSON.parse(body.toString()) as { store?: unknown }).store).toBe(false)
}
