// An operator of a test guest.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newOperator, type Operator } from '../commands/orion.ts'
import type { TestGuest } from '../hosts/qemu.ts'

/** Whose ~/.ssh/config knows the way to the guest, under its own address or another one. */
export function newOperatorOf(guest: TestGuest, address = guest.address): Operator {
  const operator = newOperator()
  const folder = join(operator.home, '.ssh')
  mkdirSync(folder, { mode: 0o700 })
  const lines = [
    `Host ${address}`,
    '  User root',
    `  IdentityFile ${guest.identityFile}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${guest.knownHosts}`,
    `  HostKeyAlias ${guest.address}`,
    `  ProxyCommand ${guest.proxyCommand}`,
  ]
  writeFileSync(join(folder, 'config'), `${lines.join('\n')}\n`, { mode: 0o600 })
  return operator
}
