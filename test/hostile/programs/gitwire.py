# For attempts, inside a sandbox: hand-made git packets and objects that no git client sends.
import hashlib, subprocess, zlib
from wire import body_of, GIT, TASK, through

ZERO = '0' * 40
OWN = 'refs/heads/glovebox-change'
TYPES = {'commit': 1, 'tree': 2, 'blob': 3, 'tag': 4}


def git(*argv, data=None, check=True):
    done = subprocess.run(['git', *argv], input=data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if check and done.returncode != 0:
        raise Exception(f'git {argv}: {done.stdout!r}')
    return done.stdout.decode('utf-8', 'replace').strip()


def origin_path():
    return git('config', 'remote.origin.url').split(GIT, 1)[1]


def pkt(payload):
    payload = payload.encode() if isinstance(payload, str) else payload
    return b'%04x' % (len(payload) + 4) + payload


def object_id(kind, body):
    return hashlib.sha1(f'{kind} {len(body)}\0'.encode() + body).hexdigest()


def size_bytes(size, first=None):
    out = []
    if first is not None:
        out.append(first << 4 | size & 15)
        size >>= 4
        if size:
            out[0] |= 128
        else:
            return bytes(out)
    while True:
        out.append(size & 127 | (128 if size > 127 else 0))
        size >>= 7
        if not size:
            return bytes(out)


def entry(kind, body):
    return size_bytes(len(body), TYPES[kind]) + zlib.compress(body)


def pack_of(entries, count=None, version=2):
    body = b'PACK' + version.to_bytes(4, 'big') + (len(entries) if count is None else count).to_bytes(4, 'big')
    body += b''.join(entries)
    return body + hashlib.sha1(body).digest()


def pack(*objects):
    return pack_of([entry(kind, body) for kind, body in objects])


PERSON = 'Glovebox <run@glovebox.invalid> 1700000000 +0000'


def commit_body(tree, parents, person=PERSON, message='x\n'):
    lines = [f'tree {tree}', *(f'parent {parent}' for parent in parents), f'author {person}', f'committer {person}']
    return '\n'.join(lines).encode() + b'\n\n' + (message if isinstance(message, bytes) else message.encode())


def tree_body(*entries):
    return b''.join(f'{mode} '.encode() + name + b'\0' + bytes.fromhex(id) for mode, name, id in entries)


BASE = git('rev-parse', 'HEAD')
BASE_TREE = git('rev-parse', 'HEAD^{tree}')


def post(service, body, place=None, headers='', content_type=None, protocol=''):
    kind = content_type or f'application/x-{service}-request'
    head = f'POST {place or origin_path() + "/" + service} HTTP/1.1\r\nHost: {GIT}\r\nContent-Type: {kind}\r\n'
    head += f'{protocol}{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n'
    return through(head.encode() + body)


def get(place, headers=''):
    return through(f'GET {place} HTTP/1.1\r\nHost: {GIT}\r\n{headers}Connection: close\r\n\r\n')


def commands(*refs, caps='report-status'):
    lines = [pkt(f'{old} {new} {ref}' + (f'\0 {caps}' if at == 0 else '')) for at, (old, new, ref) in enumerate(refs)]
    return b''.join(lines) + b'0000'


def push(refs, pack_bytes=None, caps='report-status', **options):
    return post('git-receive-pack', commands(*refs, caps=caps) + (pack() if pack_bytes is None else pack_bytes), **options)


# Objects of the given kinds and bodies, and a commit on the base whose tree is the last one.
def push_objects(*objects, ref=OWN, old=ZERO, tip=None):
    tip = tip or object_id(*objects[-1])
    return push([(old, tip, ref)], pack(*objects))


# What a fetch was answered, however it was cut into lines: text lines and the pack, without progress.
def meaning(answer):
    body, lines, packed = body_of(answer), [], b''
    while len(body) >= 4:
        length = int(body[:4], 16)
        payload, body = body[4:length], body[max(length, 4):]
        if payload[:1] == b'\x01':
            packed += payload[1:]
        elif payload[:1] != b'\x02':
            lines.append(payload)
    return b'|'.join(lines) + packed


V2 = 'Git-Protocol: version=2\r\n'


def fetch_v2(*args, caps=()):
    lines = [pkt('command=fetch\n'), *(pkt(f'{cap}\n') for cap in caps), b'0001', *(pkt(f'{arg}\n') for arg in args), b'0000']
    return post('git-upload-pack', b''.join(lines), headers=V2)


def ls_refs_v2(*args):
    return post('git-upload-pack', pkt('command=ls-refs\n') + b'0001' + b''.join(pkt(f'{arg}\n') for arg in args) + b'0000', headers=V2)
