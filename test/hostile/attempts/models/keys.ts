// Attempts on keys: the sandbox's dummy, other people's, and the real one of the gateway.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { modelScript, told } from '../../inside-python.ts'
import { KEY_PREFIX, onModels } from './ground.ts'

const STOLEN = 'stolen-credential'

export const KEYS: readonly Attempt[] = [
  onModels({
    id: 'models-other-credentials',
    tries:
      'call with the dummy key, no key, a stolen key in every header and query, two keys, and other people’s accounts',
    wall: 'the gateway drops credentials from inside and adds its own',
    invariant: 1,
    script: modelScript(String.raw`
STOLEN = '${STOLEN}'
NAMES = ['X-Api-Key', 'x-API-key', 'Authorization: Bearer', 'Authorization: Basic', 'Proxy-Authorization: Bearer', 'X-Goog-Api-Key', 'Api-Key', 'Cookie', 'OpenAI-Organization', 'OpenAI-Project', 'Anthropic-Organization-Id', 'X-Goog-User-Project', 'X-Amz-Security-Token', 'X-Litellm-Api-Key', 'X-Glovebox-Run', 'Helicone-Auth: Bearer']
header = lambda name: f'{name} {STOLEN}\r\n' if ':' in name else f'{name}: {STOLEN}\r\n'
each({name: {'headers': header(name)} for name in NAMES})
each({
    'no key': {}, 'dummy key': {'headers': 'X-Api-Key: glovebox-holds-the-key\r\n'},
    'twice': {'headers': header('X-Api-Key') * 2}, 'all': {'headers': ''.join(header(name) for name in NAMES if 'Basic' not in name)},
    **{f'?{name}': {'path': f'/v1/messages?{name}={STOLEN}'} for name in ['key', 'KEY', 'api_key', 'access_token', 'oauth_token']},
})
attempt('userinfo', lambda: ask(target=f'http://user:{STOLEN}@{HOST}/models/{OWN}/v1/messages'))`),
    verify(outcome, { provider }) {
      for (const { label, statuses } of told(outcome)) expect([label, statuses]).toEqual([label, [expectedFor(label)]])
      expect(provider.sent).toHaveLength(told(outcome).length - 1)
      const recorded = (['model.asked', 'model.called', 'net.requested'] as const).map((kind) => outcome.of(kind))
      expect(JSON.stringify([provider.sent, recorded])).not.toContain(STOLEN)
    },
  }),
  onModels({
    id: 'models-hop-by-hop-key',
    tries:
      'make the gateway drop or override the key: Connection, TE and Trailer that name its header, trailers, folded lines, control bytes',
    wall: 'only known headers cross; the gateway adds the key last',
    invariant: 1,
    script: modelScript(String.raw`
each({names: {'headers': f'Connection: close, {names}\r\nX-Api-Key: ${STOLEN}\r\n'} for names in ['x-api-key', 'X-Api-Key , host', 'authorization, content-type', 'content-length', 'accept-encoding', 'anthropic-version, x-api-key']})
each({
    'Keep-Alive': {'headers': 'Keep-Alive: x-api-key\r\nTE: trailers\r\nProxy-Connection: x-api-key\r\n'},
    'encoding': {'headers': 'Accept-Encoding: gzip, br\r\n'},
    'folded': {'headers': 'User-Agent: a\r\n X-Api-Key: ${STOLEN}\r\n'},
    'CR': {'headers': 'User-Agent: a\rX-Api-Key: ${STOLEN}\r\n'},
    'LF': {'headers': 'User-Agent: a\n\tX-Api-Key: ${STOLEN}\r\n'},
    'NUL': {'headers': 'User-Agent: a\0b\r\n'},
})
data = json.dumps(BODY)
attempt('trailer', lambda: raw(f'POST /models/{OWN}/v1/messages HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\nTrailer: x-api-key\r\nConnection: close\r\n\r\n{len(data):x}\r\n{data}\r\n0\r\nX-Api-Key: ${STOLEN}\r\n\r\n'))`),
    verify(outcome, { provider }) {
      const refused = ['folded', 'CR', 'LF', 'NUL']
      for (const { label, statuses } of told(outcome))
        expect([label, statuses]).toEqual([label, [refused.includes(label) ? 400 : 200]])
      expect(provider.sent).toHaveLength(told(outcome).length - refused.length)
      expect(JSON.stringify(provider.sent)).not.toContain(STOLEN)
    },
  }),
  onModels({
    id: 'models-find-the-key',
    tries:
      'search for the key in every environment, command line, file and descriptor inside, and in the gateway’s answers',
    wall: 'the key never enters the sandbox',
    invariant: 1,
    script: modelScript(String.raw`
PREFIX = ('${KEY_PREFIX.slice(0, 4)}' + '${KEY_PREFIX.slice(4)}').encode()
found, looked = [], 0
def look(path):
    global looked
    try:
        with open(path, 'rb') as file:
            data = file.read(1 << 20)
    except OSError:
        return
    looked += 1
    found.extend([path, key.decode()] for key in re.findall(PREFIX + rb'[\w-]{4,}', data))
open('/tmp/decoy', 'wb').write(PREFIX + b'decoy')
for pid in filter(str.isdigit, os.listdir('/proc')):
    for name in ['environ', 'cmdline', 'auxv', 'status', 'mountinfo', 'fdinfo/0', 'fdinfo/3']:
        look(f'/proc/{pid}/{name}')
look('/proc/net/unix')
for folder, folders, files in os.walk('/'):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in ('/proc', '/sys', '/usr', '/dev', '/opt')]
    for name in files:
        look(os.path.join(folder, name))
tell('found', json.dumps({'found': found, 'enough': looked > 20, 'environment': [name for name, value in os.environ.items() if PREFIX.decode() in value]}))
each({
    'models': {'path': '/v1/models', 'method': 'GET', 'body': b''}, 'a model': {'path': '/v1/models/good', 'method': 'GET', 'body': b''},
    'no model': {'body': {**BODY, 'model': 'x'}}, 'no JSON': {'body': b'{'}, 'other path': {'path': '/v1/key'},
    'root': {'target': '/models/'}, 'name': {'target': f'/models/{OWN}'}, 'website': {'target': '/'}, 'options': {'method': 'OPTIONS'},
})`),
    verify(outcome) {
      const [found, ...answers] = told(outcome)
      expect(JSON.parse(found?.text ?? '')).toEqual({
        found: [['/tmp/decoy', `${KEY_PREFIX}decoy`]],
        enough: true,
        environment: [],
      })
      // The assertions after the attempt also search these answers.
      expect(answers.map(({ statuses }) => statuses)).toEqual([
        [200],
        [200],
        [404],
        [400],
        [404],
        [404],
        [404],
        [400],
        [404],
      ])
    },
  }),
]

function expectedFor(label: string): number {
  return label === 'userinfo' ? 400 : 200
}
