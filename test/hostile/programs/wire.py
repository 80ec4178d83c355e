# For attempts, inside a sandbox: raw bytes to the gateway, and what came back as one JSON line each. Only what
# python3 has. Nothing waits longer than BOUND; an attempt is over when the gateway closes, not after a while.
import json, os, re, socket, ssl, threading

PROXY = ('127.0.0.1', 8118)
GIT = 'git.glovebox.internal'
TASK = os.environ['GLOVEBOX_TASK']
BOUND = 20


def dial():
    return socket.create_connection(PROXY, BOUND)


def until_closed(sock):
    data = b''
    try:
        while part := sock.recv(65536):
            data += part
    except OSError as error:
        if isinstance(error, TimeoutError):
            data += b'\n(still open)'
    finally:
        sock.close()
    return data


def one_answer(sock):
    data = b''
    try:
        while b'\r\n\r\n' not in data:
            part = sock.recv(65536)
            if not part:
                return data
            data += part
        head, _, body = data.partition(b'\r\n\r\n')
        length = re.search(rb'\r\ncontent-length: (\d+)', head.lower())
        while length and len(body) < int(length[1]):
            part = sock.recv(65536)
            if not part:
                break
            body += part
        return head + b'\r\n\r\n' + body
    except OSError:
        return data


def send(sock, data):
    try:
        sock.sendall(data.encode('latin-1') if isinstance(data, str) else data)
    except OSError:
        pass


def raw(data):
    sock = dial()
    send(sock, data)
    return until_closed(sock)


def context(**options):
    made = ssl.create_default_context(cafile=os.environ['SSL_CERT_FILE'])
    made.check_hostname = False
    if options.get('verify') is False:
        made.verify_mode = ssl.CERT_NONE
    if 'alpn' in options:
        made.set_alpn_protocols(options['alpn'])
    return made


# The body of an answer, put together from its chunks.
def body_of(answer):
    head, _, body = answer.partition(b'\r\n\r\n')
    if b'transfer-encoding: chunked' not in head.lower():
        return body
    whole = b''
    while body:
        size, _, body = body.partition(b'\r\n')
        if not size or int(size, 16) == 0:
            break
        whole, body = whole + body[:int(size, 16)], body[int(size, 16) + 2:]
    return whole


class Refused(Exception):
    pass


# CONNECT, then TLS with any server name. Raises Refused with the answer when there is no tunnel.
def tunnel(authority=GIT + ':443', sni=GIT, host=None, **options):
    sock = dial()
    send(sock, f'CONNECT {authority} HTTP/1.1\r\nHost: {host or authority}\r\n\r\n')
    answer = b''
    while b'\r\n\r\n' not in answer:
        part = sock.recv(1)
        if not part:
            raise Refused(answer)
        answer += part
    if not answer.startswith(b'HTTP/1.1 200'):
        raise Refused(answer + until_closed(sock))
    try:
        return context(**options).wrap_socket(sock, server_hostname=sni)
    except OSError as error:
        raise Refused(f'no TLS: {error}'.encode()) from error


def through(data, *where, **options):
    try:
        sock = tunnel(*where, **options)
    except Refused as refused:
        return refused.args[0]
    send(sock, data)
    return until_closed(sock)


# One line: what was tried, the status lines that came back, and the start of the text.
def tell(label, answer):
    text = answer.decode('latin-1') if isinstance(answer, bytes) else str(answer)
    statuses = [int(status) for status in re.findall(r'^HTTP/1\.[01] (\d{3}) ', text, re.M)]
    print(json.dumps({'label': label, 'statuses': statuses, 'text': text[:4000]}), flush=True)


def attempt(label, work):
    try:
        tell(label, work())
    except Exception as error:
        tell(label, f'{type(error).__name__}: {error}')


def all_at_once(works):
    threads = [threading.Thread(target=attempt, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
