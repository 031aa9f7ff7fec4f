// The server that answers an installer: who gets what, over real TLS.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { type Identity, readIdentity } from '../../src/base/answer-identity.ts'
import { type AnswerServer, serveAnswer } from '../../src/base/answer-server.ts'
import { within } from '../hosts/inside.ts'

const MACS = ['aa:bb:cc:00:00:01', 'aa:bb:cc:00:00:02']

describe('base/answer-server', () => {
  let dir: string
  let identity: Identity
  let server: AnswerServer
  let told: string[] = []
  let installed: (readonly string[])[] = []
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
    identity = await readIdentity(dir, 'n1')
    server = await serveAnswer({
      ...identity,
      host: '127.0.0.1',
      port: 0,
      macs: MACS,
      firstBoot: '#!/bin/sh\n',
      answer: () => 'the answer\n',
      tell: (text) => told.push(text),
      installed: (keys) => installed.push(keys),
    })
  })
  beforeEach(() => {
    told = []
    installed = []
  })
  after(async () => {
    await server.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const send = (method: string, path: string, body = '', headers: Record<string, string> = {}, port = server.port) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port,
        method,
        path,
        headers,
        ca: identity.cert,
        checkServerIdentity: () => undefined,
      }
      const asked = request(options, (answer) => {
        let text = ''
        answer
          .on('data', (data) => (text += String(data)))
          .on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      })
      asked.on('error', reject).end(body)
    })
  const bearer = () => ({ authorization: `Bearer ${identity.token}` })
  const machine = (...macs: string[]) =>
    JSON.stringify({ $schema: { version: '1.0' }, network_interfaces: macs.map((mac) => ({ link: 'x', mac })) })

  it('shows the certificate whose fingerprint it names', async () => {
    const seen = await new Promise((resolve, reject) => {
      const socket = connect(
        { host: '127.0.0.1', port: server.port, ca: identity.cert, checkServerIdentity: () => undefined },
        () => {
          resolve(socket.getPeerX509Certificate()?.fingerprint256)
          socket.end()
        },
      )
      socket.once('error', reject)
    })
    assert.equal(seen, identity.fingerprint)
  })

  it('answers the machine with these ports, in any case of letters, and nobody else', async () => {
    const right = await send('POST', '/answer', machine('AA:BB:CC:00:00:02', ...MACS), bearer())
    assert.deepEqual(right, { status: 200, text: 'the answer\n' })
    const rows: [body: string, headers: Record<string, string>, status: number][] = [
      [machine(...MACS), {}, 401],
      [machine(...MACS), { authorization: `Bearer ${identity.token.slice(1)}x` }, 401],
      [machine(MACS[0] ?? ''), bearer(), 403],
      [machine(), bearer(), 403],
      ['{"network_interfaces": [{"mac": "\\u001b[2J"}, null, 3]}', bearer(), 403],
      ['not json', bearer(), 400],
      ['x'.repeat(2 * 1024 * 1024), bearer(), 400],
    ]
    for (const [body, headers, wanted] of rows) {
      const { status, text } = await send('POST', '/answer', body, headers).catch(() => ({ status: 400, text: '' }))
      assert.equal(status, wanted, body.slice(0, 40))
      assert.doesNotMatch(text, /the answer/)
    }
    assert.ok(told.every((line) => !line.includes('\u001b') && !line.includes(identity.token)))
  })

  it('gives the script to anybody, as nothing in it is secret, and nothing else', async () => {
    assert.equal((await send('GET', '/first-boot')).text, '#!/bin/sh\n')
    for (const path of ['/', '/answer', '/../answer-n1.json', '/installed'])
      assert.equal((await send('GET', path)).status, 404)
    assert.equal((await send('PUT', '/answer', machine(...MACS), bearer())).status, 404)
  })

  it('believes that it is installed only with the token', async () => {
    const keys = { 'ssh-public-host-keys': { ed25519: 'ssh-ed25519 AAAA root@n1', rsa: 7 } }
    assert.equal((await send('POST', '/installed', JSON.stringify({ ...keys, token: 'x' }))).status, 401)
    assert.equal((await send('POST', '/installed', 'null')).status, 401)
    assert.deepEqual(installed, [])
    assert.equal((await send('POST', '/installed', JSON.stringify({ ...keys, token: identity.token }))).status, 200)
    assert.deepEqual(installed, [['ssh-ed25519 AAAA root@n1']])
  })

  it('believes also who hangs up right after saying it', async () => {
    const body = JSON.stringify({ token: identity.token, 'ssh-public-host-keys': { ed25519: 'ssh-ed25519 AAAA' } })
    const socket = connect({
      host: '127.0.0.1',
      port: server.port,
      ca: identity.cert,
      checkServerIdentity: () => undefined,
    })
    socket.on('error', () => {})
    socket.write(`POST /installed HTTP/1.1\r\nHost: n1\r\nContent-Length: ${body.length}\r\n\r\n${body}`, () =>
      socket.destroy(),
    )
    await within(20_000, 'the word', async () => installed.length > 0)
  })

  it('can be closed by its own last word, which still goes out', async () => {
    let last: Promise<void> | undefined
    const once: AnswerServer = await serveAnswer({
      ...identity,
      host: '127.0.0.1',
      port: 0,
      macs: MACS,
      firstBoot: '',
      answer: () => '',
      tell: () => {},
      installed: () => {
        last = once.close()
      },
    })
    const { status } = await send('POST', '/installed', JSON.stringify({ token: identity.token }), {}, once.port)
    assert.equal(status, 200)
    await within(20_000, 'it to close', async () => last !== undefined)
    await last
  })

  it('stays who it is, in files of the operator alone', async () => {
    const again = await readIdentity(dir, 'n1')
    assert.deepEqual(again, identity)
    assert.notEqual((await readIdentity(dir, 'n2')).token, identity.token)
    for (const file of [identity.tokenFile, join(dir, 'answer-n1.json')])
      assert.equal(statSync(file).mode & 0o777, 0o600)
  })
})
