// Pinned certificates: read from what openssl says, kept beside the tokens.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findCredential, keepCredential } from '../../src/pve/credentials.ts'
import { getPinCommands, isSameFingerprint, keepPins, parsePins, readPins } from '../../src/pve/pins.ts'

const print = (byte: string) => Array(32).fill(byte).join(':')
const told = (byte: string, head = 'sha256') => ({ code: 0, stdout: `${head} Fingerprint=${print(byte)}\n` })
const TOKEN = { site: 'orion', cluster: 'home', id: 'orion@pve!orion', secret: 's' }

describe('pins', () => {
  let folder = ''
  let path = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orion-pins-'))
    path = join(folder, 'credentials.json')
  })
  afterEach(async () => await rm(folder, { recursive: true, force: true }))

  it('asks for both certificates that pveproxy may have', () => {
    const head = 'openssl x509 -noout -fingerprint -sha256 -in /etc/pve/nodes/n1'
    assert.deepEqual(
      Object.values(getPinCommands(['n1'])).map((argv) => argv.join(' ')),
      [`${head}/pveproxy-ssl.pem`, `${head}/pve-ssl.pem`],
    )
  })

  const rows: readonly [string, Record<string, { code: number; stdout: string }>, string | undefined][] = [
    ["the node's own", { 'pve-ssl.pem n1': told('AB') }, print('AB')],
    [
      "the operator's before the node's own",
      { 'pve-ssl.pem n1': told('AB'), 'pveproxy-ssl.pem n1': told('CD') },
      print('CD'),
    ],
    ['that of an older openssl, in lower case', { 'pve-ssl.pem n1': told('ab', 'SHA256') }, print('AB')],
    ['none that could not be read', { 'pve-ssl.pem n1': { code: 1, stdout: '' } }, undefined],
    ['none of a failed command', { 'pve-ssl.pem n1': { ...told('AB'), code: 1 } }, undefined],
    ['none of another length', { 'pve-ssl.pem n1': { code: 0, stdout: 'sha1 Fingerprint=AA:BB\n' } }, undefined],
    ['none of another node', { 'pve-ssl.pem n2': told('AB') }, undefined],
  ]
  for (const [name, commands, fingerprint] of rows) {
    it(`takes ${name}`, () => {
      const found = parsePins(['n1'], { commands: new Map(Object.entries(commands)) })
      assert.deepEqual(found, fingerprint === undefined ? {} : { n1: fingerprint })
    })
  }

  it('keeps pins by node, beside the tokens, for the operator alone', async () => {
    await keepPins(path, 'orion', { n1: print('AA'), n2: print('BB') })
    await keepCredential(path, TOKEN)
    await keepPins(path, 'orion', { n2: print('CC') })
    await keepPins(path, 'other', { n1: print('DD') })
    assert.deepEqual(await readPins(path, 'orion'), { n1: print('AA'), n2: print('CC') })
    assert.equal((await findCredential(path, 'orion', 'home'))?.secret, 's')
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  })

  it('writes nothing where nothing is new', async () => {
    await keepPins(path, 'orion', { n1: print('AA') })
    const before = await stat(path)
    await keepPins(path, 'orion', { n1: print('AA') })
    assert.equal((await stat(path)).ino, before.ino)
    assert.match(await readFile(path, 'utf8'), /"pins"/)
  })

  it('compares, however a fingerprint is written', () => {
    assert.ok(isSameFingerprint(print('ab'), print('AB').replaceAll(':', '')))
    assert.ok(!isSameFingerprint(print('ab'), print('AC')))
  })
})
