# For attempts on the model gateway, beside wire.py: requests in any shape.
import json, os
from wire import *

OWN = os.environ['OWN_CONNECTION']
OTHER = os.environ['OTHER_CONNECTION']
PROVIDER = os.environ['PROVIDER']
ELSEWHERE = os.environ['ELSEWHERE']
HOST = '127.0.0.1:8118'
MODELS = 'models.glovebox.internal'
SAYS = {'messages': [{'role': 'user', 'content': 'hi'}]}
BODY = {'model': 'good', 'max_tokens': 9, **SAYS}


def as_bytes(body):
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode('latin-1')


def has(headers, name):
    return f'\n{name}:' in '\n' + headers.lower()


# `headers` are whole lines. `target` stands for everything between method and version.
def request(path='/v1/messages', body=BODY, method='POST', headers='', host=HOST, target=None):
    data = as_bytes(body)
    head = f'{method} {target or f"/models/{OWN}{path}"} HTTP/1.1\r\nHost: {host}\r\n{headers}'
    if not has(headers, 'content-type'):
        head += 'Content-Type: application/json\r\n'
    if not has(headers, 'connection'):
        head += 'Connection: close\r\n'
    return head.encode('latin-1') + f'Content-Length: {len(data)}\r\n\r\n'.encode() + data


def ask(*args, **options):
    return raw(request(*args, **options))


# One attempt for each label: what `ask` takes besides `more`.
def each(cases, **more):
    for label, options in cases.items():
        attempt(label, lambda: ask(**{**more, **options}))
