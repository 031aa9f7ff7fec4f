// `orion-mesh-psk identity-…` on a simulated host: a new identity is made, known by the others, and used.
import type { Machine } from '../host/machine.ts'
import { putText, textAt } from '../host/state.ts'
import { identityOf, isPostQuantum, makeIdentity, opensslOf } from './mesh-keys.ts'
import { MESH } from './mesh-state.ts'
import { fail } from './psk-files.ts'

const NEW_IDENTITY = `${MESH}/identity.pem.new`

export function onIdentity({ host }: Machine, verb: string, [peer = '', key = '']: readonly string[]): string {
  if (verb === 'identity-pin') {
    if (!/^[A-Za-z0-9-]+$/.test(peer) || !/^[A-Za-z0-9+/=]+$/.test(key)) fail('an identity is no base64')
    const text = `-----BEGIN PUBLIC KEY-----\n${key.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PUBLIC KEY-----\n`
    putText(host, `${MESH}/identities/${peer}.pub`, text)
    return ''
  }
  if (verb === 'identity-stage') {
    if (!isPostQuantum(host)) fail(`OpenSSL ${opensslOf(host) ?? '-'} has no ML-KEM-768`)
    if (textAt(host, NEW_IDENTITY) === undefined) makeIdentity(host, NEW_IDENTITY)
    return `identity ${identityOf(host, NEW_IDENTITY)}\n`
  }
  const staged = host.files[NEW_IDENTITY]
  if (staged) host.files[`${MESH}/identity.pem`] = staged
  delete host.files[NEW_IDENTITY]
  return `identity ${identityOf(host)}\n`
}
