# One machine of the firewall's test: told in lines of JSON what to send and whom to answer. Stays until stdin ends.
import json
import select
import socket
import struct
import sys
import threading
import time

PATIENCE_S = 10
OUT = threading.Lock()
HEARD = []
OPEN = {}


def family(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET


# A link-local address has its interface behind it.
def target(address, port):
    return socket.getaddrinfo(address, port)[0][4] if '%' in address else (address, port)


def segment(sock):
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)


# Answers every piece with who asked, the segment size and how much came so far.
def converse(sock, peer):
    size = 0
    with sock:
        while True:
            data = sock.recv(65536)
            if not data:
                return
            size += len(data)
            sock.sendall(json.dumps({'peer': peer, 'segment': segment(sock), 'size': size}).encode() + b'\n')


def serve_tcp(server):
    while True:
        sock, peer = server.accept()
        threading.Thread(target=converse, args=(sock, peer[0]), daemon=True).start()


def serve_udp(server, port):
    while True:
        data, peer = server.recvfrom(65536)
        HEARD.append('udp %d from %s' % (port, peer[0]))
        if peer[0] != '0.0.0.0':
            server.sendto(json.dumps({'peer': peer[0]}).encode() + b'\n', peer)


def serve(addresses, tcp, udp):
    for address in addresses:
        for port in tcp:
            server = socket.socket(family(address), socket.SOCK_STREAM)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((address, port))
            server.listen(100)
            threading.Thread(target=serve_tcp, args=(server,), daemon=True).start()
        for port in udp:
            server = socket.socket(family(address), socket.SOCK_DGRAM)
            server.bind((address, port))
            threading.Thread(target=serve_udp, args=(server, port), daemon=True).start()
    return {}


# A connection, or a datagram, and the answer to it; `stop` of the same ticket ends it without one.
def dial(ticket, proto, to, port, source='', sport=0, size=1):
    if proto == 'icmp':
        return echo(ticket, to, source)
    kind = socket.SOCK_STREAM if proto == 'tcp' else socket.SOCK_DGRAM
    sock = socket.socket(family(to), kind)
    OPEN[ticket] = sock
    if source or sport:
        sock.bind((source, sport))
    sock.setblocking(False)
    sock.connect_ex(target(to, port))
    if proto == 'tcp' and not await_sign(ticket, sock, write=True):
        return {}
    error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        return {'error': error}
    return say(ticket, size)


def say(ticket, size=1):
    sock = OPEN[ticket]
    sock.setblocking(True)
    sock.sendall(b'x' * size)
    sock.setblocking(False)
    while await_sign(ticket, sock):
        try:
            lines = sock.recv(65536).decode().strip().split('\n')
        except OSError as error:
            return {'error': error.errno}
        answer = json.loads(lines[-1])
        if answer.get('size', size) >= size:
            mine = segment(sock) if sock.type == socket.SOCK_STREAM else 0
            return dict(answer, mine=mine)
    return {}


def await_sign(ticket, sock, write=False):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and ticket in OPEN:
        ready = select.select([] if write else [sock], [sock] if write else [], [], 0.01)
        if ready[0] or ready[1]:
            return True
    return False


def echo(ticket, to, source):
    six = ':' in to
    sock = socket.socket(family(to), socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP)
    OPEN[ticket] = sock
    if source:
        sock.bind((source, 0))
    body = struct.pack('!HH', 7, 7) + b'orion'
    kind = 128 if six else 8
    packet = struct.pack('!BBH', kind, 0, 0 if six else checksum(struct.pack('!BBH', kind, 0, 0) + body)) + body
    sock.sendto(packet, target(to, 0))
    while await_sign(ticket, sock):
        data, peer = sock.recvfrom(2048)
        if (data[0] if six else data[20]) == (129 if six else 0):
            return {'peer': peer[0]}
    return {}


def stop(ticket):
    sock = OPEN.pop(ticket, None)
    if sock:
        sock.close()
    return {}


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


# Packets as nobody honest sends them: any source, any TCP flags, from one source port after the other.
def forge(source, to, proto, sport, dport, flags=2, device='', count=1):
    for each in range(count):
        send(source, to, proto, sport + each, dport, flags, device)
    return {}


def send(source, to, proto, sport, dport, flags, device):
    six = ':' in to
    pack = lambda text: socket.inet_pton(family(to), text)
    number = {'tcp': 6, 'udp': 17, 'icmp': 58 if six else 1}[proto]
    body = {
        'tcp': struct.pack('!HHIIBBHHH', sport, dport, 1, 1, 5 << 4, flags, 65535, 0, 0),
        'udp': struct.pack('!HHHH', sport, dport, 13, 0) + b'orion',
        'icmp': struct.pack('!BBHHH', 128 if six else 8, 0, 0, sport, 1),
    }[proto]
    pseudo = pack(source) + pack(to) + (
        struct.pack('!IHBB', len(body), 0, 0, number) if six else struct.pack('!BBH', 0, number, len(body))
    )
    at = {'tcp': 16, 'udp': 6, 'icmp': 2}[proto]
    summed = body if number == 1 else pseudo + body
    body = body[:at] + struct.pack('!H', checksum(summed)) + body[at + 2:]
    if six:
        packet = struct.pack('!IHBB', 6 << 28, len(body), number, 64) + pack(source) + pack(to) + body
    else:
        head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(body), 1, 0, 64, number, 0) + pack(source) + pack(to)
        packet = head[:10] + struct.pack('!H', checksum(head)) + head[12:] + body
    # To everybody on a wire, past the kernel, which would put an address where there is none.
    if device:
        with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as sock:
            sock.sendto(packet, (device, 0x0800, 0, 0, b'\xff' * 6))
        return
    with socket.socket(family(to), socket.SOCK_RAW, socket.IPPROTO_RAW) as sock:
        sock.sendto(packet, (to, 0))


# A router advertisement that says only which hop limit to use.
def advertise(device, hops):
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as sock:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        packet = struct.pack('!BBHBBHII', 134, 0, 0, hops, 0, 0, 0, 0)
        sock.sendto(packet, ('ff02::1', 0, 0, socket.if_nametoindex(device)))
    return {}


def heard():
    return {'heard': list(HEARD)}


VERBS = {'serve': serve, 'dial': dial, 'say': say, 'stop': stop, 'forge': forge, 'advertise': advertise, 'heard': heard}


def answer(request):
    number, verb = request.pop('id'), request.pop('verb')
    try:
        said = VERBS[verb](**request)
    except Exception as error:
        said = {'broken': '%s: %s' % (verb, error)} if request.get('ticket') is None or request['ticket'] in OPEN else {}
    with OUT:
        sys.stdout.write(json.dumps(dict(said, id=number)) + '\n')
        sys.stdout.flush()


for line in sys.stdin:
    threading.Thread(target=answer, args=(json.loads(line),), daemon=True).start()
