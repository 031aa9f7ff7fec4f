// The four messages of a preshared key, between simulated hosts: real X25519, and every word of a message compared as the real ones do.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto'
import type { Machine } from '../host/machine.ts'
import { textAt } from '../host/state.ts'
import { identityOf, idOf, isPostQuantum, keyAt, keyPath, opensslOf, publicOf, putKey } from './mesh-keys.ts'
import { type Exchange, MESH, meshOf } from './mesh-state.ts'

const MOST_MS = 300_000

const hash = (...parts: readonly string[]): string => createHash('sha256').update(parts.join('\n')).digest('base64')
const field = (name: string, text: string): string => new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? ''

/** `offer IF SITE LINK I R PEERKEY PEERIDENTITY` → the offer. Errors: what the host refuses, in one line. */
export function offer(machine: Machine, name: string, words: readonly string[]): string {
  const body = [
    ...header(machine, name, 'initiator', words),
    `time ${machine.world.now()}`,
    `nonce ${randomBytes(32).toString('hex')}`,
  ]
  const { privateKey, line } = ephemeral()
  const text = signed(machine, 'offer', [...body, line])
  meshOf(machine.host).exchanges[name] = { role: 'initiator', words, privateKey, offer: text }
  return text
}

/** `answer IF …`, the offer on stdin → the answer. */
export function answer(machine: Machine, name: string, words: readonly string[], message: string): string {
  const expected = header(machine, name, 'responder', words)
  receive('offer', { message, identity: words[5] ?? '', expected })
  checkTime(machine, name, Number(field('time', message)))
  const { privateKey, line } = ephemeral()
  const body = signed(machine, 'answer', [...expected, `offer ${hash(message)}`, line])
  const psk = derive(privateKey, field('x', message), message, body)
  const transcript = hash(message, body)
  meshOf(machine.host).exchanges[name] = { role: 'responder', words, privateKey: '', offer: message, psk, transcript }
  return `${body}tag ${hash('responder', psk, transcript)}\n`
}

/** `accept IF`, the answer on stdin → the other tag; the key is staged. */
export function accept(machine: Machine, name: string, message: string): string {
  const open = opened(machine, name, 'initiator')
  const [body = '', tag = ''] = message.split(/^tag /m)
  receive('answer', {
    message: body,
    identity: open.words[5] ?? '',
    expected: header(machine, name, 'initiator', open.words),
  })
  if (field('offer', body) !== hash(open.offer)) throw new Error('the answer is to another offer')
  const psk = derive(open.privateKey, field('x', body), open.offer, body)
  const transcript = hash(open.offer, body)
  if (tag.trim() !== hash('responder', psk, transcript)) throw new Error('the peer has another key: its tag is wrong')
  keep(machine, name, psk, Number(field('time', open.offer)))
  return `tag ${hash('initiator', psk, transcript)}\n`
}

/** `confirm IF`, the other tag on stdin: the key is staged. */
export function confirm(machine: Machine, name: string, message: string): void {
  const { psk = '', transcript = '', offer: first } = opened(machine, name, 'responder')
  if (field('tag', message) !== hash('initiator', psk, transcript))
    throw new Error('the peer has another key: its tag is wrong')
  keep(machine, name, psk, Number(field('time', first)))
}

/** No trace of an exchange. */
export function clean({ host }: Machine, name: string): void {
  delete meshOf(host).exchanges[name]
  for (const part of ['psk.new', 'state.new']) delete host.files[keyPath(`${name}.${part}`)]
}

function opened({ host }: Machine, name: string, role: Exchange['role']): Exchange {
  const found = meshOf(host).exchanges[name]
  if (found?.role !== role) throw new Error(`no ${role === 'initiator' ? 'offer' : 'answer'} of ${name} is open`)
  return found
}

function ephemeral(): { readonly privateKey: string; readonly line: string } {
  const pair = generateKeyPairSync('x25519')
  const line = `x ${pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`
  return { privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), line }
}

function derive(privateKey: string, far: string, ...transcript: readonly string[]): string {
  const publicKey = createPublicKey({ key: Buffer.from(far, 'base64'), type: 'spki', format: 'der' })
  const secret = diffieHellman({ privateKey: createPrivateKey(privateKey), publicKey })
  return hash(secret.toString('base64'), ...transcript)
}

/** What both ends must say alike; `words`: SITE LINK INITIATOR RESPONDER PEERKEY PEERIDENTITY. */
function header({ host }: Machine, name: string, role: Exchange['role'], words: readonly string[]): string[] {
  const [site = '', link = '', one = '', other = '', peerKey = '', peerIdentity = ''] = words
  if (words.length !== 6) throw new Error('a public key is no base64')
  if (!isPostQuantum(host))
    throw new Error(
      `OpenSSL ${opensslOf(host) ?? '-'} has no ML-KEM-768: a post-quantum key needs OpenSSL 3.5 (Debian 13, Proxmox VE 9)`,
    )
  const [key, identity] = [keyAt(host, `${name}.key`), identityOf(host)]
  if (key === undefined) throw new Error(`${name} has no key yet`)
  if (identity === undefined) throw new Error('this host has no identity')
  const peer = role === 'initiator' ? other : one
  const pinned = textAt(host, `${MESH}/identities/${peer}.pub`)?.replace(/^-.*$/gm, '').replace(/\s/g, '')
  if (pinned !== undefined && pinned !== peerIdentity)
    throw new Error(`${peer} has another identity than this host knows: orion mesh rotate --identity ${peer}`)
  const ours = [publicOf(key), hash(identity)] as const
  const theirs = [peerKey, hash(peerIdentity)] as const
  const [first, second] = role === 'initiator' ? [ours, theirs] : [theirs, ours]
  return [site, link, one, other, ...first, ...second].map((word, at) => `word${at} ${word}`)
}

function signed({ host }: Machine, kind: string, lines: readonly string[]): string {
  const body = `orion-psk-v1 ${kind}\n${lines.join('\n')}\n`
  return `${body}signature ${hash(identityOf(host) ?? '', body)}\n`
}

function receive(
  kind: string,
  {
    message,
    identity,
    expected,
  }: { readonly message: string; readonly identity: string; readonly expected: readonly string[] },
): void {
  const [body = ''] = message.split(/^signature /m)
  if (field('signature', message) !== hash(identity, body))
    throw new Error(`the signature of the ${kind} is not the peer's`)
  const different = expected.find((line) => !body.includes(`\n${line}\n`))
  if (!body.startsWith(`orion-psk-v1 ${kind}\n`) || different !== undefined)
    throw new Error(`the ${kind} is for another link, site or key: ${different?.split(' ')[0] ?? kind}`)
}

/** Near our own time, and after the last that was taken. */
function checkTime({ host, world }: Machine, name: string, at: number): void {
  const apart = world.now() - at
  if (!(Math.abs(apart) <= MOST_MS))
    throw new Error(`the offer is ${Math.trunc(apart / 1000)} s old by this host's clock`)
  if (at <= Number(keyAt(host, `${name}.seen`) ?? 0)) throw new Error('the offer was used before, or a newer one was')
  putKey(host, `${name}.seen`, String(at))
}

function keep({ host }: Machine, name: string, psk: string, atMs: number): void {
  putKey(host, `${name}.psk.new`, psk)
  putKey(host, `${name}.state.new`, `kind=ml-kem-768 at=${Math.floor(atMs / 1000)} id=${idOf(psk)}`, 0o644)
  delete meshOf(host).exchanges[name]
}
